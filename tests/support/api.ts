import { DELETE, GET, POST, PUT } from '@/app/api/v1/[[...path]]/route';
import type { User } from '@/db/schema/users';
import { createApiKey } from '@/lib/api-keys/create';
import { actorOf } from './cast';

let keys = 0;

/** A key of this person's, made by the command. */
export async function newKey(user: User, days: number | null = null): Promise<{ id: string; token: string }> {
  const made = await createApiKey(await actorOf(user), { name: `key ${keys++}`, days });
  if (!made.ok) throw new Error(made.refusal);
  return made.value;
}

type Asked = { body?: unknown; raw?: string | Buffer; headers?: Record<string, string> };
const METHODS = { DELETE, GET, POST, PUT };
type Method = keyof typeof METHODS;

/** A request to the API's own route handler. */
export async function call(
  token: string | null,
  method: Method,
  path: string,
  { body, raw, headers = {} }: Asked = {},
) {
  const text = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  const request = new Request(`http://rollcall.test/api/v1${path}`, {
    method,
    headers: {
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(text === undefined ? {} : { 'content-type': 'application/json' }),
      'x-forwarded-for': '192.0.2.9',
      'user-agent': 'curl/8.5.0',
      ...headers,
    },
    ...(text === undefined ? {} : { body: typeof text === 'string' ? text : new Uint8Array(text) }),
  });
  const answer = await METHODS[method](request);
  const json = (await answer.json()) as Record<string, never>;
  return { status: answer.status, json, headers: answer.headers };
}
