import { failureOf, readCommand } from '@/scripts/admin/read-command';
import { connected } from './product';

type Result = { code: number; json: never; stderr: string };

/** The operator's commands, on the product's data; that they are a program too is proven in tests/scripts. */
export async function admin(words: string[], password?: string): Promise<Result> {
  await connected();
  try {
    const answer = await readCommand(words).run(password);
    return { code: 0, json: JSON.parse(JSON.stringify(answer)) as never, stderr: '' };
  } catch (error) {
    const { code, words: stderr } = failureOf(error);
    if (stderr === null) throw error;
    return { code, json: null as never, stderr };
  }
}
