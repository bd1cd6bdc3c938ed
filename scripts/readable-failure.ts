import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * A page that throws comes from Next as an empty document that only scripts fill, and a form
 * without scripts whose action throws as three bare words of no type. A plain page is sent in its place, to browsers with scripts too; a view that its
 * client fetched is no document, and still shown by `app/error.tsx`.
 */
const BARE = /^(?:text\/html|text\/plain|undefined$)/;
const isForPeople = ({ url = '', headers }: IncomingMessage): boolean =>
  !url.startsWith('/api/') && headers.rsc === undefined && headers['next-action'] === undefined;

export function readableFailure(response: ServerResponse, page: string, policy: string): void {
  const { writeHead, write, end } = response;
  let failed = false;
  let told = false;
  const typeGiven = (given: unknown[]) =>
    Object.entries(given.at(-1) ?? {}).find(([name]) => name.toLowerCase() === 'content-type')?.[1];
  response.writeHead = ((status: number, ...rest: []) => {
    const type = String(typeGiven(rest) ?? response.getHeader('content-type'));
    if (status === 500 && BARE.test(type) && isForPeople(response.req)) {
      failed = true;
      response.setHeader('content-type', 'text/html; charset=utf-8');
      // Those of the document that is not sent.
      for (const name of ['content-encoding', 'link', 'etag']) response.removeHeader(name);
      response.setHeader('content-length', Buffer.byteLength(page));
      response.setHeader('content-security-policy', policy);
    }
    return failed ? writeHead.call(response, status) : writeHead.call(response, status, ...rest);
  }) as ServerResponse['writeHead'];

  const isTold = (): boolean => {
    if (!response.headersSent && response.statusCode === 500) response.writeHead(500);
    if (failed && !told) {
      told = true;
      end.call(response, page, 'utf8');
    }
    return failed;
  };
  response.write = ((...given: Parameters<typeof write>) => isTold() || write.apply(response, given)) as typeof write;
  response.end = ((...given: Parameters<typeof end>) =>
    isTold() ? response : end.apply(response, given)) as typeof end;
}
