import { newId } from '@/db/id';
import { isOutOfReach } from '@/db/out-of-reach';
import type { ScimToken } from '@/db/schema/scim-tokens';
import { type MachineActor, originOf } from '@/lib/actor';
import { bodyText } from '@/lib/body-text';
import { noteActor } from '@/lib/observe/doing';
import { log } from '@/lib/observe/log';
import { metrics } from '@/lib/observe/metrics';
import { inSpan } from '@/lib/observe/trace';
import { LIMITS, take } from '@/lib/rate-limit';
import type { Answer } from './answers';
import { badRequest, errorBody, ScimError } from './error';
import { recordExchange } from './recorder';
import { answer } from './requests';
import { findToken, standingOf, touchToken } from './tokens';
import { BASE } from './user-resource';

/**
 * The only entry point for identity providers: token → rate limit → pause → body → request → flight recorder. Session
 * cookies are ignored. Every response is SCIM, also for an unexpected error.
 */
export const MOST_BODY_BYTES = 1_048_576;
const MOST_DEPTH = 20;
const PAUSED_RETRY_SECONDS = 300;
const OUT_OF_REACH_RETRY_SECONDS = 10;

export async function handleScim(request: Request): Promise<Response> {
  const operation = operationOf(request);
  const end = metrics.scim.startTimer({ operation });
  const response = await inSpan(`scim ${operation}`, {}, () => handle(request));
  end({ status: response.status });
  return response;
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']);
const RESOURCES = new Set(['Users', 'Groups', 'Bulk', 'Schemas', 'ResourceTypes', 'ServiceProviderConfig']);

/** A label from a closed set, whatever the request. */
function operationOf({ method, url }: Request): string {
  const [resource = ''] = new URL(url).pathname.slice(`${BASE}/`.length).split('/', 1);
  return `${METHODS.has(method) ? method : 'other'} ${RESOURCES.has(resource) ? resource : 'other'}`;
}

async function handle(request: Request): Promise<Response> {
  const began = performance.now();
  const now = new Date();
  let known: { token: ScimToken; pausedAt: Date | null } | null = null;
  let body: unknown;
  let result: Answer;
  const exchangeId = newId(now);
  try {
    known = await findToken(request.headers.get('authorization'));
    if (!known || standingOf(known.token, now) !== 'live') throw unauthorized(known && standingOf(known.token, now));
    noteActor({ tenantId: known.token.tenantId, actorId: known.token.id });
    await admit(known, now);
    body = await readBody(request);
    result = await answer(askedOf(request, known.token, exchangeId, body));
  } catch (error) {
    result = refusal(error);
  }
  if (known) await note(request, known.token, exchangeId, now, began, body, result);
  return responseOf(result);
}

const unauthorized = (standing: string | null) =>
  new ScimError(
    401,
    standing
      ? `This token was ${standing === 'revoked' ? 'revoked' : 'valid until its expiry, which is over'}.`
      : 'A valid token is needed: Authorization: Bearer rcscim_…',
    undefined,
    { 'www-authenticate': standing ? 'Bearer realm="SCIM", error="invalid_token"' : 'Bearer realm="SCIM"' },
  );

async function admit({ token, pausedAt }: { token: ScimToken; pausedAt: Date | null }, now: Date): Promise<void> {
  if ((await take(LIMITS.scimToken, token.id, now)) > 0)
    throw new ScimError(
      429,
      `More than ${LIMITS.scimToken.tries} requests in ${LIMITS.scimToken.windowSeconds} seconds. Wait and send the rest.`,
      undefined,
      { 'retry-after': String(LIMITS.scimToken.windowSeconds) },
    );
  await touchToken(token, now);
  if (pausedAt)
    throw new ScimError(
      503,
      'Provisioning is paused by an admin of this organisation. Nothing was changed; send it again later.',
      undefined,
      { 'retry-after': String(PAUSED_RETRY_SECONDS) },
    );
}

async function readBody(request: Request): Promise<unknown> {
  if (request.method === 'GET' || request.method === 'HEAD' || request.method === 'DELETE' || !request.body)
    return undefined;
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/scim+json' && type !== 'application/json')
    throw new ScimError(415, 'Send the body as application/scim+json.');
  const read = await bodyText(request.body, MOST_BODY_BYTES);
  if (read === 'too-large')
    throw new ScimError(413, `A body may have at most ${MOST_BODY_BYTES} bytes. Send it in several requests.`);
  if (read === 'broken-off') throw badRequest('invalidSyntax', 'The body was broken off.');
  if (read === 'not-utf-8') throw badRequest('invalidSyntax', 'The body is not UTF-8.');
  let body: unknown;
  try {
    body = JSON.parse(read.text);
  } catch {
    throw badRequest('invalidSyntax', 'The body is not JSON.');
  }
  if (isTooDeep(body, 0)) throw badRequest('invalidSyntax', 'The body is nested too deeply.');
  return body;
}

const isTooDeep = (value: unknown, depth: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (depth > MOST_DEPTH || Object.values(value).some((each) => isTooDeep(each, depth + 1)));

function askedOf(request: Request, token: ScimToken, exchangeId: string, body: unknown) {
  const { pathname, searchParams } = new URL(request.url);
  const actor: MachineActor = {
    kind: 'scim',
    tenantId: token.tenantId,
    id: token.id,
    label: token.name,
    origin: originOf(request.headers),
  };
  return {
    actor,
    exchangeId,
    method: request.method === 'HEAD' ? 'GET' : request.method,
    path: pathname.slice(BASE.length).split('/').filter(Boolean).map(decoded),
    search: searchParams,
    ifMatch: request.headers.get('if-match'),
    ifNoneMatch: request.headers.get('if-none-match'),
    body,
  };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new ScimError(404, 'There is no such endpoint.');
  }
}

function refusal(error: unknown): Answer {
  const known = error instanceof ScimError ? error : unexpected(error);
  return { status: known.status, body: errorBody(known), headers: known.headers, meaning: `Refused: ${known.message}` };
}

function unexpected(error: unknown): ScimError {
  log.error('A SCIM request failed', error);
  if (isOutOfReach())
    return new ScimError(503, 'The data cannot be reached at the moment. Send it again later.', undefined, {
      'retry-after': String(OUT_OF_REACH_RETRY_SECONDS),
    });
  return new ScimError(500, 'Something went wrong here. It was noted; the request can be sent again.');
}

const AT_THE_DOOR = new Set([401, 429, 503]);

/** Requests with a dead token, over the limit or during a pause must not push useful exchanges out of the recorder. */
const isNoted = async ({ id }: ScimToken, status: number): Promise<boolean> =>
  !AT_THE_DOOR.has(status) || (await take(LIMITS.scimNoise, id)) === 0;

/** A failure to record does not change the result of the request. */
async function note(
  request: Request,
  token: ScimToken,
  id: string,
  at: Date,
  began: number,
  body: unknown,
  { status, meaning, target, body: answered }: Answer,
): Promise<void> {
  const { pathname, search } = new URL(request.url);
  const exchange = {
    id,
    tenantId: token.tenantId,
    at,
    tokenId: token.id,
    tokenName: token.name,
    method: request.method,
    path: `${pathname.slice(BASE.length) || '/'}${search}`,
    status,
    tookMs: Math.round(performance.now() - began),
    meaning,
    targetId: target?.id ?? null,
    targetLabel: target?.label ?? null,
    request: body,
    response: answered,
  };
  await isNoted(token, status)
    .then((noted) => (noted ? recordExchange(exchange) : undefined))
    .catch((error: unknown) => log.error('A SCIM exchange could not be recorded', error));
}

function responseOf({ status, body, headers }: Answer): Response {
  return new Response(body === undefined ? null : JSON.stringify(body), {
    status,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/scim+json; charset=utf-8' }),
      'cache-control': 'no-store',
      ...headers,
    },
  });
}
