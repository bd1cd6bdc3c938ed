import { type ChildProcess, spawn } from 'node:child_process';
import { Readable, Writable } from 'node:stream';
import { shell } from '@/scripts/admin/shell';

export type Ended = { code: number | null; out: string; err: string };

/** The shell as an operator starts it, with more or other variables. */
export const startAdmin = (args: string[], env: Record<string, string> = {}): ChildProcess =>
  spawn(process.execPath, ['--import', 'tsx', 'scripts/admin.ts', ...args], { env: { ...process.env, ...env } });

export function ended(child: ChildProcess, stdin = ''): Promise<Ended> {
  const answer: Ended = { code: null, out: '', err: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (answer.out += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (answer.err += text));
  // A command that asks for no password ends without reading this.
  child.stdin?.on('error', () => {});
  child.stdin?.end(stdin);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ ...answer, code }));
  });
}

/** The same in this process, over the test's own database: a process costs a second or two. */
export async function admin(args: string[], stdin = '', open = connected): Promise<Ended> {
  const [out, err] = [new Collected(), new Collected()];
  const terminal = { stdin: Readable.from(stdin === '' ? [] : [Buffer.from(stdin)]), stdout: out, stderr: err };
  return { code: await shell(args, terminal, open), out: out.text, err: err.text };
}

const connected = async () => async () => {};

class Collected extends Writable {
  text = '';
  override _write(chunk: Buffer, _: string, done: () => void): void {
    this.text += chunk;
    done();
  }
}
