import type { IncomingMessage, ServerResponse } from 'node:http';
import { createRequest } from '@remix-run/node-fetch-server';
import { API_PATH, answerTo } from '@/lib/api/door';
import { handleScim } from '@/lib/scim/door';
import { BASE } from '@/lib/scim/user-resource';

/**
 * The doors of identity providers and of the API, ahead of the framework: they render nothing, no cookie counts in them, and
 * on its way through gate and routes such a request costs half as much again as all that it is about. Each answers
 * whatever happens. Under `npm run dev` the same doors stand behind the framework's routes, which reload them.
 */
type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export const DOORS = { [BASE]: handleScim, [API_PATH]: answerTo };
/** Told to everybody by the framework's own route. */
const DESCRIPTION = `${API_PATH}/openapi.json`;

export function withMachines(app: Handler): Handler {
  return async (request, response) => {
    const [path = ''] = (request.url ?? '').split('?', 1);
    const door = Object.entries(DOORS).find(([base]) => path === base || path.startsWith(`${base}/`))?.[1];
    if (!door || path === DESCRIPTION) return app(request, response);
    const answer = await door(createRequest(request, response));
    response.statusCode = answer.status;
    for (const [name, value] of answer.headers) response.setHeader(name, value);
    response.end(Buffer.from(await answer.arrayBuffer()));
  };
}
