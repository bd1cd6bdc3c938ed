import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { handleScim } from '@/lib/scim/door';
import { createToken } from '@/lib/scim/tokens';
import { withMachines } from '@/scripts/serve/machines';
import { operatorOf } from './cast';

/** An identity provider with a token of the tenant's. It speaks to the route's own handler, by real requests. */
// biome-ignore lint/suspicious/noExplicitAny: a test reads what came, as it came
export type Answered = { status: number; headers: Headers; body: any };
export type Client = ReturnType<typeof clientOf>;
type Options = { headers?: Record<string, string>; raw?: string };

export async function newToken(tenant: { id: string }, name = 'Okta', days: number | null = null) {
  const made = await createToken(operatorOf(tenant), { name, days });
  if (!made.ok) throw new Error(made.refusal);
  return made.value;
}

export async function newClient(tenant: { id: string }, name = 'Okta') {
  const { token, id } = await newToken(tenant, name);
  return { ...clientOf(token), tokenId: id, token };
}

const HERE = 'http://rollcall.test/api/scim/v2';

export function clientOf(token: string, send: (request: Request) => Promise<Response> = handleScim, base = HERE) {
  const ask = async (method: string, path: string, body?: unknown, options: Options = {}): Promise<Answered> => {
    const text = options.raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const response = await send(
      new Request(base + path, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(text === undefined ? {} : { 'content-type': 'application/scim+json' }),
          ...options.headers,
        },
        ...(text === undefined ? {} : { body: text }),
      }),
    );
    const answered = await response.text();
    return { status: response.status, headers: response.headers, body: answered ? JSON.parse(answered) : null };
  };
  return {
    ask,
    get: (path: string, options?: Options) => ask('GET', path, undefined, options),
    post: (path: string, body: unknown, options?: Options) => ask('POST', path, body, options),
    put: (path: string, body: unknown, options?: Options) => ask('PUT', path, body, options),
    patch: (path: string, operations: unknown, options?: Options) =>
      ask(
        'PATCH',
        path,
        { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations: operations },
        options,
      ),
    remove: (path: string, options?: Options) => ask('DELETE', path, undefined, options),
    find: (filter: string, where = '/Users') => ask('GET', `${where}?filter=${encodeURIComponent(filter)}`),
  };
}

/** The product's own way in over a socket, for conversations as they are held over the network. */
export async function scimServer(): Promise<{
  client: (token: string) => Client;
  base: string;
  stop: () => Promise<void>;
}> {
  const answer = withMachines(async (_, response) => void response.end());
  const server: Server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/scim/v2`;
  return {
    base,
    client: (token) => clientOf(token, fetch, base),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export const USER_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const ENTERPRISE_SCHEMA = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
export const GROUP_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:Group';

/** A person as an ordinary identity provider would send them. */
export const aUser = (name: string, more: Record<string, unknown> = {}) => ({
  schemas: [USER_SCHEMA],
  userName: `${name}@idp.example`,
  name: { givenName: name.charAt(0).toUpperCase() + name.slice(1), familyName: 'Idp' },
  emails: [{ value: `${name}@idp.example`, type: 'work', primary: true }],
  active: true,
  ...more,
});

export const aGroup = (displayName: string, members: string[] = []) => ({
  schemas: [GROUP_SCHEMA],
  displayName,
  members: members.map((value) => ({ value })),
});
