import { execFile } from 'node:child_process';

type Result = { code: number; json: never; stderr: string };

/** The operator's shell, as a process of its own on the product's data. */
export function admin(words: string[], stdin = ''): Promise<Result> {
  return new Promise((resolve) => {
    const env = { ...process.env, DATA_DIR: process.env.E2E_DATA_DIR, APP_URL: process.env.E2E_ORIGIN };
    const child = execFile(
      process.execPath,
      ['--import', 'tsx', 'scripts/admin.ts', ...words],
      { env },
      (error, stdout, stderr) => {
        resolve({ code: error ? Number(error.code) : 0, json: (stdout ? JSON.parse(stdout) : null) as never, stderr });
      },
    );
    child.stdin?.end(stdin);
  });
}
