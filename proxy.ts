import { type NextRequest, NextResponse } from 'next/server';
import { KEYS_PATH } from '@/app/administration/access/api-keys/path';
import { keptList } from '@/app/administration/access/users/list-tag';
import { PAGE_SIZES, SIZE_COOKIE, USERS_PATH } from '@/app/administration/access/users/view';
import { sessionCookieName } from '@/lib/auth/cookie';
import { adminsToAsk, judge } from '@/lib/auth/gate';
import { PROOF_PATHS } from '@/lib/auth/proof-paths';
import { OUT_OF_REACH, refusalPage } from '@/lib/auth/refusal-page';
import { doingNow } from '@/lib/observe/doing';
import { log } from '@/lib/observe/log';
import type { Standing } from '@/lib/sessions/find';

/**
 * Every page, action and route passes here; the rules are in `lib/auth/route-access.ts`. Static files do not, and neither do
 * machine requests with a token, which are answered earlier (scripts/serve/machines.ts).
 */
export const config = { matcher: ['/((?!_next/static/|_next/image|icon\\.svg$|favicon\\.ico$).*)'] };

export async function proxy(request: NextRequest): Promise<Response> {
  try {
    return await answer(request);
  } catch (error) {
    log.error('The gate could not decide', error);
    return unable(request);
  }
}

async function answer(request: NextRequest): Promise<Response> {
  const { pathname } = request.nextUrl;
  const cookie = request.cookies.get(sessionCookieName())?.value;
  const verdict = await judge({ method: request.method, pathname, cookie, headers: request.headers });

  if (verdict === 'pass') return rememberPageSize(request, keptList(request) ?? NextResponse.next());
  if (verdict === 'sign-in') return toSignIn(request, wantedBy(request));
  if (typeof verdict === 'object' && 'prove' in verdict) return toProof(request, verdict.prove, wantedBy(request));
  // A called action cannot show a page, so its browser is sent to the page itself, which shows the reason.
  if (request.headers.has('next-action')) return goTo(pathname, verdict === 'cross-site' ? 403 : 404);
  if (verdict === 'cross-site')
    return refusalPage({
      status: 403,
      title: 'Not from here',
      text: 'This form was sent from another site, so nothing was done.',
    });
  if (verdict === 'unlisted')
    return refusalPage({ status: 404, title: 'Page not found', text: 'There is nothing at this address.' });
  if (verdict === 'no-such-person')
    return refusalPage({
      status: 404,
      title: 'No such user',
      text: 'There is no user with this id in your organisation. They may have been removed for good.',
      link: { href: USERS_PATH, label: 'All users' },
    });
  if (verdict === 'no-such-key')
    return refusalPage({
      status: 404,
      title: 'No such API key',
      text: 'There is no live API key with this id in your organisation. It may have been revoked.',
      link: { href: KEYS_PATH, label: 'All API keys' },
    });
  return refusalPage({
    status: 403,
    title: 'This is for Tenant Admins',
    text: `You are signed in to ${verdict.forbidden.tenantName} as a Standard User. These people can change that or help you:`,
    people: await adminsToAsk(verdict.forbidden.tenantId),
  });
}

/** The database is out of reach, or the gate has a bug: nobody is let through, and nobody is told that they are signed out. */
function unable(request: NextRequest): Response {
  if (request.headers.has('next-action')) return goTo(request.nextUrl.pathname, 503);
  return refusalPage({
    ...OUT_OF_REACH,
    requestId: doingNow()?.requestId,
    link: { href: request.nextUrl.pathname, label: 'Try again' },
  });
}

/** Remembers the chosen page size for the next visit. It is a preference of this browser, so a cookie; a page cannot set one. */
function rememberPageSize({ nextUrl }: NextRequest, response: NextResponse): NextResponse {
  const size = nextUrl.pathname === USERS_PATH && nextUrl.searchParams.get('size');
  if (size && PAGE_SIZES.some((each) => String(each) === size)) {
    response.cookies.set(SIZE_COOKIE, size, { path: USERS_PATH, maxAge: 31_536_000, sameSite: 'lax', httpOnly: true });
  }
  return response;
}

/** The page to return to. A submitted form is not sent again, so for a form this is the page that contains it. */
function wantedBy({ method, nextUrl: { pathname, search }, headers, url }: NextRequest): string {
  if (isRead(method)) return `${pathname}${search}`;
  const left = headers.get('referer') ?? '';
  const from = URL.canParse(left) ? new URL(left) : null;
  return from?.host === (headers.get('host') ?? new URL(url).host) ? `${from.pathname}${from.search}` : '/';
}

const isRead = (method: string) => method === 'GET' || method === 'HEAD';

function toSignIn(request: NextRequest, wanted: string): Response {
  const params = new URLSearchParams({
    ...(wanted === '/' ? {} : { next: wanted }),
    ...(isRead(request.method) ? {} : { notice: 'not-sent' }),
  });
  const target = params.size > 0 ? `/sign-in?${params}` : '/sign-in';
  const isAction = request.headers.has('next-action');
  const response = isAction ? goTo(target, 401) : NextResponse.redirect(new URL(target, request.url), 303);
  response.cookies.delete(sessionCookieName());
  return response;
}

/** A person who has proven only the password is sent to the second factor, and from there to the requested page. */
function toProof(request: NextRequest, standing: Exclude<Standing, 'open'>, wanted: string): Response {
  const target = `${PROOF_PATHS[standing]}?next=${encodeURIComponent(wanted)}`;
  if (request.headers.has('next-action')) return goTo(target, 401);
  return NextResponse.redirect(new URL(target, request.url), 303);
}

/** The framework's client reads this header as the result of an action, and goes to that page. */
const goTo = (path: string, status: number) =>
  new NextResponse(null, { status, headers: { 'x-action-redirect': `${path};replace` } });
