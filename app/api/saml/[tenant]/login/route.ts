import { NextResponse } from 'next/server';
import { ownPath } from '@/app/own-path';
import { currentSession, originOf } from '@/lib/auth/current-actor';
import { LIMITS, take } from '@/lib/rate-limit';
import { ask, questionCookieOptions } from '@/lib/saml/ask';
import { findConnectionBySlug } from '@/lib/saml/connection';
import { recordNoise } from '@/lib/saml/recorder';
import { nobodyThere, postForm, tooMany } from '../pages';

type Context = { params: Promise<{ tenant: string }> };

/**
 * Sends the browser to the tenant's identity provider. Nothing is kept but a line in the recorder: the cookie that goes with
 * it says where to go afterwards, on this site only. Somebody signed in who comes here again (`again`) proves anew.
 */
export async function GET(request: Request, { params }: Context): Promise<Response> {
  const { tenant: slug } = await params;
  const found = await findConnectionBySlug(slug);
  if (!found || found.tenant.saml === 'off') return nobodyThere();
  if ((await take(LIMITS.samlAddress, originOf(request.headers).ip)) > 0) return tooMany();
  const query = new URL(request.url).searchParams;
  const next = ownPath(query.get('next') ?? query.get('RelayState'), '/');
  const session = query.has('again') ? await currentSession() : null;
  const kind = session?.tenantId === found.tenant.id ? 'again' : 'sign-in';
  const { to, cookie, xml } = await ask(found.tenant, found.connection, kind, next);
  await recordNoise(new Date(), found.connection, { direction: 'sent', kind: 'sign-in', outcome: 'done', xml });
  const response = 'url' in to ? NextResponse.redirect(to.url, 302) : postForm(to.post, to.fields);
  const withCookie = new NextResponse(response.body, response);
  withCookie.cookies.set({ ...cookie, ...questionCookieOptions() });
  withCookie.headers.set('cache-control', 'no-store');
  return withCookie;
}
