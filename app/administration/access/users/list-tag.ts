import { createHash } from 'node:crypto';
import { type NextRequest, NextResponse } from 'next/server';
import { TIME_ZONE_COOKIE } from '@/app/reader';
import { passageNow } from '@/lib/sessions/passage';
import { SIZE_COOKIE, USERS_PATH } from './view';

/**
 * Revalidates the browser's cached list after the gate has let the request pass: 304 if nothing on it can have changed. The
 * ETag is an expiry time and a hash of it and of all inputs of the page: the build, the query, the reader's cookies, the
 * viewer with their session, and the tenant's list_changes. That counter is read with the session, before the rows, so rows
 * may be newer than their tag, never older.
 */
const KEPT = /W\/"([0-9a-z]{1,11})-([\w-]{22})"/g;

export function keptList(request: NextRequest): NextResponse | null {
  const { pathname, search } = request.nextUrl;
  const passage = passageNow();
  if (pathname !== USERS_PATH || !passage?.build || !passage.session) return null;
  // The cookie is set by script. Without scripts, nothing revalidates a page that the browser restores from its own memory.
  if (!request.cookies.has(TIME_ZONE_COOKIE)) return null;
  // Everything read about the viewer except lastSeenAt, which changes by itself.
  const { lastSeenAt: _, listChanges, ...viewer } = passage.session.found;
  const remembered = [SIZE_COOKIE, TIME_ZONE_COOKIE].map((name) => request.cookies.get(name)?.value ?? null);
  const made = [passage.build, search, remembered, viewer, listChanges];
  const tagUntil = (until: number) => {
    const hash = createHash('sha256')
      .update(JSON.stringify([until, ...made]))
      .digest('base64url');
    return `W/"${until.toString(36)}-${hash.slice(0, 22)}"`;
  };
  passage.tagUntil = tagUntil;

  for (const [tag, until = ''] of request.headers.get('if-none-match')?.slice(0, 1000).matchAll(KEPT) ?? []) {
    const stands = Number.parseInt(until, 36);
    if (Date.now() < stands && tag === tagUntil(stands)) return unchanged(tag);
  }
  return null;
}

const unchanged = (etag: string) =>
  new NextResponse(null, { status: 304, headers: { etag, 'cache-control': 'private, no-cache', vary: 'Cookie' } });
