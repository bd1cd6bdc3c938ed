import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * For a page that throws, Next sends an empty document that only scripts fill; for an action that throws in a form without
 * scripts, three words without a content type. A plain page is sent instead, also to browsers with scripts. A view that the
 * client fetched is not a document: `app/error.tsx` still shows that failure.
 */
const BARE = /^(?:text\/html|text\/plain|undefined$)/;
const isForPeople = ({ url = '', headers }: IncomingMessage): boolean =>
  !url.startsWith('/api/') && headers.rsc === undefined && headers['next-action'] === undefined;

export type FailurePage = { status: number; html: string; headers: Record<string, string> };

export function readableFailure(response: ServerResponse, pageNow: () => FailurePage): void {
  const { writeHead, write, end } = response;
  let failed: FailurePage | null = null;
  let told = false;
  const typeGiven = (given: unknown[]) =>
    Object.entries(given.at(-1) ?? {}).find(([name]) => name.toLowerCase() === 'content-type')?.[1];
  response.writeHead = ((status: number, ...rest: []) => {
    const type = String(typeGiven(rest) ?? response.getHeader('content-type'));
    if (status === 500 && BARE.test(type) && isForPeople(response.req)) {
      failed = pageNow();
      // Headers of the document that is not sent.
      for (const name of ['content-encoding', 'link', 'etag']) response.removeHeader(name);
      for (const [name, value] of Object.entries(failed.headers)) response.setHeader(name, value);
      response.setHeader('content-length', Buffer.byteLength(failed.html));
    }
    return failed ? writeHead.call(response, failed.status) : writeHead.call(response, status, ...rest);
  }) as ServerResponse['writeHead'];

  const isTold = (): boolean => {
    if (!response.headersSent && response.statusCode === 500) response.writeHead(500);
    if (failed && !told) {
      told = true;
      end.call(response, failed.html, 'utf8');
    }
    return failed !== null;
  };
  response.write = ((...given: Parameters<typeof write>) => isTold() || write.apply(response, given)) as typeof write;
  response.end = ((...given: Parameters<typeof end>) =>
    isTold() ? response : end.apply(response, given)) as typeof end;
}
