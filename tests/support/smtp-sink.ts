import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

/** A real SMTP server that takes mail, or refuses it as told. */
export async function smtpSink() {
  const taken: string[] = [];
  let refusal: { code: number; words: string } | null = null;
  let delayMs = 0;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, _, callback) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        setTimeout(() => {
          if (refusal) return callback(Object.assign(new Error(refusal.words), { responseCode: refusal.code }));
          taken.push(Buffer.concat(chunks).toString('utf8'));
          callback(null, 'queued as 4711');
        }, delayMs);
      });
    },
  });
  server.on('error', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`,
    /** Raw messages in the order they came. */
    taken,
    refuse(code: number, words: string) {
      refusal = { code, words };
    },
    accept() {
      refusal = null;
    },
    delay(ms: number) {
      delayMs = ms;
    },
    stop: () => new Promise<void>((resolve) => server.close(resolve)),
  };
}
