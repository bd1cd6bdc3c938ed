import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

/** Where in the conversation the server says no. */
type Step = 'greeting' | 'login' | 'sender' | 'recipient' | 'message';

/** A real SMTP server that takes mail, or refuses it as told. */
export async function smtpSink() {
  const taken: string[] = [];
  let refusal: { code: number; words: string; at: Step } | null = null;
  let delayMs = 0;
  let connected = 0;
  const refusalAt = (step: Step) =>
    refusal?.at === step ? Object.assign(new Error(refusal.words), { responseCode: refusal.code }) : null;
  const server = new SMTPServer({
    authOptional: true,
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'],
    onConnect(_, callback) {
      connected++;
      callback(refusalAt('greeting'));
    },
    onAuth: (_, __, callback) => callback(refusalAt('login'), { user: 'anybody' }),
    onMailFrom: (_, __, callback) => callback(refusalAt('sender')),
    onRcptTo: (_, __, callback) => callback(refusalAt('recipient')),
    onData(stream, _, callback) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        setTimeout(() => {
          const no = refusalAt('message');
          if (no) return callback(no);
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
    /** How often somebody has connected. */
    connected: () => connected,
    open: () => new Promise<number>((resolve) => server.server.getConnections((_, n) => resolve(n))),
    refuse(code: number, words: string, at: Step = 'message') {
      refusal = { code, words, at };
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
