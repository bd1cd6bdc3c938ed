import { z } from 'zod';
import type { KeyActor } from '@/lib/actor';
import type { Outcome } from '@/lib/outcome';
import type { Refusal } from '@/lib/users/refusals';
import { type Answer, type ProblemStatus, refused } from './problem';
import { SCHEMAS, type SchemaName } from './schemas';

/**
 * One entry of the table of operations: its input, its possible responses and its handler. The OpenAPI document is
 * generated from the same table.
 */
export type Operation = {
  id: string;
  method: 'GET' | 'POST';
  path: string;
  summary: string;
  query?: z.ZodObject;
  body?: SchemaName;
  ok: { status: 200 | 201; schema: SchemaName };
  /** In addition to those of every operation. */
  problems: ProblemStatus[];
  run: (asked: Asked) => Promise<Answer>;
};

type Asked = { actor: KeyActor; id: string; query: never; body: never };

/** `run` gets the request as parsed by the schemas. `id` is the only parameter that a path can have. */
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

/** The response to a command's outcome: its value, or its refusal as a problem. */
export async function answer<T>(
  outcome: Outcome<T, Refusal>,
  status: 200 | 201,
  body: (value: T) => unknown,
): Promise<Answer> {
  return outcome.ok ? { status, body: await body(outcome.value) } : refused(outcome.refusal);
}
