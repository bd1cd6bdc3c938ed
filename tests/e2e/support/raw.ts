import { connect } from 'node:net';

const { port, host } = new URL(process.env.E2E_ORIGIN ?? 'http://localhost');

export type Raw = { status: number; head: string; body: string; ms: number };

/** Sends these bytes as they are, which no browser and no client would. Status 0: the connection ended without an answer. */
export function sendRaw(bytes: string, { endless = false, atMostMs = 30_000 } = {}): Promise<Raw> {
  return new Promise((resolve) => {
    const began = performance.now();
    const socket = connect(Number(port), '127.0.0.1', () => socket.write(bytes));
    let said = '';
    const dripping = endless ? setInterval(() => socket.write('x'), 2_000) : undefined;
    const timer = setTimeout(() => socket.destroy(), atMostMs);
    socket.setEncoding('utf8').on('data', (piece) => {
      said += piece;
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      clearInterval(dripping);
      clearTimeout(timer);
      const [head = '', ...body] = said.split('\r\n\r\n');
      const status = Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1] ?? 0);
      resolve({ status, head, body: body.join('\r\n\r\n'), ms: performance.now() - began });
    });
  });
}

type Asked = { method?: string; cookie?: string; headers?: string[]; body?: string };

export const askRaw = (path: string, { method = 'GET', cookie, headers = [], body }: Asked = {}): Promise<Raw> =>
  sendRaw(
    [
      `${method} ${path} HTTP/1.1`,
      ...(headers.some((header) => /^host:/i.test(header)) ? [] : [`Host: ${host}`]),
      'Connection: close',
      ...(cookie ? [`Cookie: ${cookie}`] : []),
      ...(body === undefined ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]),
      ...headers,
      '',
      body ?? '',
    ].join('\r\n'),
  );
