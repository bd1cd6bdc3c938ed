import { z } from 'zod';
import { isUnreadable } from '@/db/conflict';
import { UUID } from '@/db/id';
import { isOutOfReach } from '@/db/out-of-reach';
import { type KeyActor, originOf } from '@/lib/actor';
import { findKey } from '@/lib/api-keys/find';
import { bodyText } from '@/lib/body-text';
import { ForeignCursor } from '@/lib/cursor';
import { noteActor } from '@/lib/observe/doing';
import { log } from '@/lib/observe/log';
import { LIMITS, take } from '@/lib/rate-limit';
import { REFUSALS } from '@/lib/users/refusals';
import { once } from './idempotency';
import { type Operation, parserOf } from './operation';
import { OPERATIONS } from './operations';
import { type Answer, problem } from './problem';

/**
 * Entry point of the API. Authenticates by key, never by a cookie; applies the rate limit; finds the operation in the
 * table; runs the same command as the page. Every response is JSON, errors are Problem Details.
 */
export const API_PATH = '/api/v1';
const MOST_BYTES = 65_536;
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;

export async function answerTo(request: Request): Promise<Response> {
  const answer = await handle(request).catch((error: unknown) => {
    log.error('The API could not answer', error);
    if (isOutOfReach()) return outOfReach(request.method);
    return problem(500, 'unexpected', 'Something went wrong. Nothing was half done.');
  });
  return new Response(answer.body === undefined ? null : JSON.stringify(answer.body), {
    status: answer.status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...answer.headers },
  });
}

/** It is unknown whether the request was carried out. */
const outOfReach = (method: string): Answer =>
  problem(
    503,
    'unavailable',
    `The data cannot be reached at the moment.${method === 'POST' ? ' Look whether it was done before you send it again.' : ''}`,
    { headers: { 'retry-after': '10' } },
  );

async function handle(request: Request): Promise<Answer> {
  const url = new URL(request.url);
  const actor = await findKey(request.headers.get('authorization'), originOf(request.headers));
  if (!actor)
    return problem(401, 'no-key', 'Send a live API key: Authorization: Bearer rckey_…', {
      headers: { 'www-authenticate': 'Bearer realm="Rollcall"' },
    });
  noteActor({ tenantId: actor.tenantId, actorId: actor.userId });
  if ((await take(LIMITS.apiKey, actor.keyId)) > 0)
    return problem(429, 'limited', `A key may send ${LIMITS.apiKey.tries} requests a minute.`, {
      headers: { 'retry-after': String(LIMITS.apiKey.windowSeconds) },
    });
  if (actor.role !== 'tenant_admin') return problem(403, 'not-allowed', REFUSALS['not-allowed']);

  const found = find(request.method === 'HEAD' ? 'GET' : request.method, url.pathname.slice(API_PATH.length));
  if ('status' in found) return found;
  return carryOut(actor, found.operation, found.id, request, url);
}

function find(method: string, path: string): { operation: Operation; id: string } | Answer {
  const parts = path.split('/');
  const here = OPERATIONS.filter((operation) => {
    const wanted = operation.path.split('/');
    return wanted.length === parts.length && wanted.every((part, i) => part === '{id}' || part === parts[i]);
  });
  const operation = here.find((each) => each.method === method);
  const id = here[0] ? (parts[here[0].path.split('/').indexOf('{id}')] ?? '') : '';
  if (here.length === 0) return problem(404, 'no-such-address', 'There is nothing at this address.');
  if (!operation) {
    const allow = here.map((each) => each.method).join(', ');
    return problem(405, 'method-not-allowed', `This address answers to ${allow}.`, { headers: { allow } });
  }
  if (operation.path.includes('{id}') && !UUID.test(id)) return problem(404, 'not-found', REFUSALS['not-found']);
  return { operation, id: id.toLowerCase() };
}

async function carryOut(actor: KeyActor, it: Operation, id: string, request: Request, url: URL): Promise<Answer> {
  const parsers = parserOf(it);
  const twice = [...url.searchParams.keys()].find((name) => url.searchParams.getAll(name).length > 1);
  if (twice !== undefined) return invalid([{ field: twice, detail: 'Given more than once.' }]);
  const query = parsers.query.safeParse(Object.fromEntries(url.searchParams));
  if (!query.success) return notValid(query.error);
  const read = await bodyText(request.body, MOST_BYTES);
  if (read === 'too-large') return problem(413, 'too-large', `A body may have ${MOST_BYTES} bytes.`);
  if (read === 'broken-off') return problem(400, 'malformed', 'The body was broken off.');
  if (read === 'not-utf-8') return problem(400, 'malformed', 'The body is not UTF-8.');
  const { text } = read;
  // Where no body is expected, only an empty one or `{}` is accepted: the client may have meant something by anything else.
  const schema = parsers.body ?? (text.trim() === '' ? null : z.strictObject({}));
  const body = schema ? parseBody(request, text, schema) : { value: undefined };
  if ('status' in body) return body;

  const run = () => it.run({ actor, id, query: query.data, body: body.value } as never);
  if (it.method === 'GET') return url.searchParams.has('cursor') ? run().catch(orUnreadable) : run();
  const idempotencyKey = request.headers.get('idempotency-key');
  if (idempotencyKey === null) return run();
  if (!IDEMPOTENCY_KEY.test(idempotencyKey))
    return problem(400, 'bad-idempotency-key', 'An Idempotency-Key has 1 to 255 visible ASCII characters.');
  return once(actor, idempotencyKey, { method: it.method, path: url.pathname, body: text }, run);
}

function parseBody(request: Request, text: string, schema: z.ZodType): { value: unknown } | Answer {
  if (!/^application\/json\s*(;|$)/i.test(request.headers.get('content-type') ?? ''))
    return problem(415, 'not-json', 'Send the body as application/json.');
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    return problem(400, 'malformed', 'The body is not JSON.');
  }
  const parsed = schema.safeParse(given);
  return parsed.success ? { value: parsed.data } : notValid(parsed.error);
}

const invalid = (errors: { field: string; detail: string }[]): Answer =>
  problem(422, 'not-valid', 'Some of what was sent is not valid.', { errors });

const notValid = ({ issues }: z.ZodError): Answer =>
  invalid(issues.map(({ path, message }) => ({ field: path.join('.'), detail: message })));

/** Answers 422 for a cursor that this list did not issue. */
function orUnreadable(error: unknown): Answer {
  if (error instanceof ForeignCursor || isUnreadable(error))
    return problem(422, 'not-valid', 'The cursor is not one of this list.');
  throw error;
}
