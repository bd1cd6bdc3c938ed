import { Agent, type IncomingHttpHeaders, request } from 'node:http';

/** Acts as a browser without scripts: fetches pages, and reads and posts their forms. The agent decides about keep-alive. */
export type Sent = { method?: string; headers?: Record<string, string>; body?: Buffer | string; signal?: AbortSignal };
export type Answer = { status: number; headers: IncomingHttpHeaders; body: Buffer; ms: number };

export function send(
  url: string,
  agent: Agent,
  { method = 'GET', headers = {}, body, signal }: Sent = {},
): Promise<Answer> {
  const began = performance.now();
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  return new Promise((resolve, reject) => {
    request(url, { agent, method, signal, headers: { ...headers, ...length } }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(parts),
          ms: performance.now() - began,
        }),
      );
    })
      .on('error', reject)
      .end(body);
  });
}

/** A form of a page: the URL it posts to, and its hidden fields. `formAt` finds the one that has the given field. */
export type Form = { url: string; cookie: string; fields: [string, string][] };

export async function formAt(url: string, cookie: string, field: string): Promise<Form> {
  const agent = new Agent();
  const { status, body } = await send(url, agent, { headers: { cookie } });
  agent.destroy();
  const forms = body.toString().match(/<form[\s\S]*?<\/form>/g) ?? [];
  const form = forms.find((each) => each.includes('$ACTION') && each.includes(`name="${field}"`));
  if (!form) throw new Error(`${url} answers ${status} without a form that has “${field}”.`);
  const hidden = (form.match(/<input[^>]*type="hidden"[^>]*>/g) ?? []).map((input): [string, string] => [
    attribute(input, 'name'),
    attribute(input, 'value'),
  ]);
  return { url, cookie, fields: hidden };
}

/** The request that a browser would send for the form; given values replace those of the form. */
export function posted({ url, cookie, fields }: Form, values: Record<string, string>): Sent {
  const boundary = '----RollcallBench';
  const all = [...fields.filter(([name]) => !(name in values)), ...Object.entries(values)];
  const parts = all.map(
    ([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  return {
    method: 'POST',
    headers: {
      cookie,
      origin: new URL(url).origin,
      'sec-fetch-site': 'same-origin',
      'content-type': `multipart/form-data; boundary=${boundary}`,
    },
    body: `${parts.join('')}--${boundary}--\r\n`,
  };
}

const attribute = (tag: string, name: string): string =>
  (new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1] ?? '')
    .replaceAll('&quot;', '"')
    .replaceAll('&#x27;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
