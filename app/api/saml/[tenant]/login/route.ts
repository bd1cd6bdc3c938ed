import { NextResponse } from 'next/server';
import { ownPath } from '@/app/own-path';
import { originOf } from '@/lib/actor';
import { currentSession } from '@/lib/auth/current-actor';
import { LIMITS, take } from '@/lib/rate-limit';
import { ask, questionCookieOptions } from '@/lib/saml/ask';
import { findConnectionBySlug } from '@/lib/saml/connection';
import { recordNoise } from '@/lib/saml/recorder';
import type { RequestKind } from '@/lib/saml/request-id';
import { nobodyThere, postForm, tooMany } from '../pages';

type Context = { params: Promise<{ tenant: string }> };

/**
 * Sends the browser to the tenant's identity provider. The server stores only a record in the flight recorder: the cookie
 * holds the path on this site to go to afterwards.
 */
export async function GET(request: Request, { params }: Context): Promise<Response> {
  const { tenant: slug } = await params;
  const found = await findConnectionBySlug(slug);
  const query = new URL(request.url).searchParams;
  const kind = found ? await kindOf(query, found.tenant.id) : 'sign-in';
  // A test also works before SAML is enabled.
  if (!found || (found.tenant.saml === 'off' && kind !== 'test')) return nobodyThere();
  // Against login CSRF: another site's link leads to the tenant's own sign-in page instead of straight to the provider.
  const wanted = ownPath(query.get('next') ?? query.get('RelayState'), '/');
  if (request.headers.get('sec-fetch-site') === 'cross-site')
    return new NextResponse(null, {
      status: 303,
      headers: { location: `/sign-in/${found.tenant.slug}?next=${encodeURIComponent(wanted)}` },
    });
  if ((await take(LIMITS.samlAddress, originOf(request.headers).ip)) > 0) return tooMany();
  const { to, cookie, xml } = await ask(found.tenant, found.connection, kind, wanted);
  const noted = kind === 'test' ? 'test' : 'sign-in';
  await recordNoise(new Date(), found.connection, { direction: 'sent', kind: noted, outcome: 'done', xml });
  const answer = 'url' in to ? NextResponse.redirect(to.url, 302) : postForm(to.post, to.fields);
  const response = new NextResponse(answer.body, answer);
  response.cookies.set({ ...cookie, ...questionCookieOptions() });
  response.headers.set('cache-control', 'no-store');
  return response;
}

/** `test` is for this tenant's admins, `again` for its signed-in users. For anybody else both are a plain sign-in. */
async function kindOf(query: URLSearchParams, tenantId: string): Promise<RequestKind> {
  const session = query.has('test') || query.has('again') ? await currentSession() : null;
  if (session?.standing !== 'open' || session.tenantId !== tenantId) return 'sign-in';
  if (query.has('test')) return session.role === 'tenant_admin' ? 'test' : 'sign-in';
  return 'again';
}
