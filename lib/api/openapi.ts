import { z } from 'zod';
import { env } from '@/lib/env';
import { LIMITS } from '@/lib/rate-limit';
import { API_PATH } from './door';
import type { Operation } from './operation';
import { OPERATIONS } from './operations';
import type { ProblemStatus } from './problem';
import { SCHEMAS, type SchemaName } from './schemas';

/** Problems of any operation besides its own. */
const ALWAYS: ProblemStatus[] = [401, 403, 422, 429, 500, 503];
/** Problems of any POST: malformed body or Idempotency-Key; first request still in progress; body too large. */
const TO_POSTS: ProblemStatus[] = [400, 409, 413];

const PROBLEM_WORDS: Partial<Record<ProblemStatus, string>> = {
  400: 'The body is not JSON, or the Idempotency-Key is malformed.',
  401: 'There is no key, or it is revoked, expired, or its creator lost their access.',
  403: 'The creator of the key is no Tenant Admin at the moment.',
  404: 'There is no such user in the tenant.',
  405: 'The address answers to other methods.',
  409: 'Refused by a rule; `code` says which. Or the first request with this Idempotency-Key is still under way.',
  413: 'The body is too large.',
  415: 'The body is not application/json.',
  422: 'Something that was sent is not valid; `errors` says what. Or the Idempotency-Key was used for another request.',
  429: `More than ${LIMITS.apiKey.tries} requests a minute; Retry-After says how long to wait.`,
  500: 'Unexpected. Nothing was half done.',
  503: 'The data cannot be reached, or there is too much to do at the moment; Retry-After says when to ask again.',
};

const jsonOf = (schema: z.ZodType, io: 'input' | 'output') => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    // Clients must tolerate fields that are added to responses later.
    override: ({ jsonSchema }) => {
      if (io === 'output' && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
    },
  }) as Record<string, unknown>;
  return rest;
};

const REQUESTS = new Set(OPERATIONS.flatMap(({ body }) => body ?? []));
type Ref = { $ref: string };
const refTo = (name: SchemaName): Ref => ({ $ref: `#/components/schemas/${name}` });
type Response = { description: string; content: Record<string, { schema: Ref }> };
type Parameter = { name: string; in: string; required?: true; description?: string; schema: Record<string, unknown> };

export const problemsOf = ({ method, problems }: Operation): ProblemStatus[] =>
  [...new Set([...ALWAYS, ...problems, ...(method === 'POST' ? TO_POSTS : [])])].sort((a, b) => a - b);

/** OpenAPI 3.1, generated from the table of operations that the API obeys. */
export function openApi() {
  const paths: Record<string, Record<string, ReturnType<typeof described>>> = {};
  for (const it of OPERATIONS) paths[it.path] = { ...paths[it.path], [it.method.toLowerCase()]: described(it) };
  return {
    openapi: '3.1.0',
    info: {
      title: 'Rollcall API',
      version: '1',
      description:
        'Users, invitations and the audit log of one tenant. A key has the permissions of the person who made it, at the moment of use.',
    },
    servers: [{ url: `${env().APP_URL}${API_PATH}` }],
    security: [{ apiKey: [] }],
    paths,
    components: {
      securitySchemes: { apiKey: { type: 'http', scheme: 'bearer', description: 'An API key: `rckey_…`' } },
      schemas: Object.fromEntries(
        Object.entries(SCHEMAS).map(([name, schema]) => [
          name,
          jsonOf(schema, REQUESTS.has(name as SchemaName) ? 'input' : 'output'),
        ]),
      ),
    },
  };
}

function described(it: Operation) {
  const { status, schema } = it.ok;
  const responses: Record<string, Response> = {
    [status]: { description: it.summary, content: { 'application/json': { schema: refTo(schema) } } },
  };
  for (const each of problemsOf(it))
    responses[each] = {
      description: PROBLEM_WORDS[each] ?? '',
      content: { 'application/problem+json': { schema: refTo('Problem') } },
    };
  return {
    operationId: it.id,
    summary: it.summary,
    parameters: parametersOf(it),
    ...(it.body
      ? { requestBody: { required: true, content: { 'application/json': { schema: refTo(it.body) } } } }
      : {}),
    responses,
  };
}

function parametersOf({ method, path, query }: Operation): Parameter[] {
  const id: Parameter = { name: 'id', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } };
  const idempotencyKey: Parameter = {
    name: 'Idempotency-Key',
    in: 'header',
    description: 'The same key with the same request gets the first answer again, for a day.',
    schema: { type: 'string', minLength: 1, maxLength: 255 },
  };
  const asked = Object.entries(query?.shape ?? {}).map(([name, field]): Parameter => {
    const { description, ...schema } = jsonOf(field as z.ZodType, 'input');
    return { name, in: 'query', ...(typeof description === 'string' ? { description } : {}), schema };
  });
  return [...(path.includes('{id}') ? [id] : []), ...asked, ...(method === 'POST' ? [idempotencyKey] : [])];
}
