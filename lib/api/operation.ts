import { z } from 'zod';
import type { KeyActor } from '@/lib/actor';
import type { Outcome } from '@/lib/outcome';
import type { Refusal } from '@/lib/users/refusals';
import { type Answer, type ProblemStatus, refused } from './problem';
import { SCHEMAS, type SchemaName } from './schemas';

/** One entry of the table of operations: what is asked, what may be answered, and how. The document is made of the same. */
export type Operation = {
  id: string;
  method: 'GET' | 'POST';
  path: string;
  summary: string;
  query?: z.ZodObject;
  body?: SchemaName;
  ok: { status: 200 | 201; schema: SchemaName };
  /** Besides those that every operation can answer. */
  problems: ProblemStatus[];
  run: (asked: Asked) => Promise<Answer>;
};

type Asked = { actor: KeyActor; id: string; query: never; body: never };

/** What `run` gets is what the schemas make of the request. `id` is the one parameter that a path can have. */
export function operation<Q extends z.ZodObject = z.ZodObject, B extends SchemaName = never>(
  it: Omit<Operation, 'run' | 'query' | 'body'> & {
    query?: Q;
    body?: B;
    run: (asked: {
      actor: KeyActor;
      id: string;
      query: z.output<Q>;
      body: z.output<(typeof SCHEMAS)[B]>;
    }) => Promise<Answer>;
  },
): Operation {
  return it as unknown as Operation;
}

export const parserOf = (it: Operation) => ({
  query: it.query ?? z.strictObject({}),
  body: it.body && SCHEMAS[it.body],
});

/** What was done as an answer, or the refusal of the command as its problem. */
export async function answer<T>(
  outcome: Outcome<T, Refusal>,
  status: 200 | 201,
  body: (value: T) => unknown,
): Promise<Answer> {
  return outcome.ok ? { status, body: await body(outcome.value) } : refused(outcome.refusal);
}
