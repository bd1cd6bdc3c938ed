import { NextResponse } from 'next/server';
import { originOf } from '@/lib/actor';
import { refusalPage } from '@/lib/auth/refusal-page';
import { env } from '@/lib/env';
import { finishPathOf } from '@/lib/saml/addresses';
import { answer } from '@/lib/saml/answer';
import { bindingCookie, questionCookieOptions } from '@/lib/saml/ask';
import { personWords, type Reason } from '@/lib/saml/reasons';
import { nobodyThere, tooMany } from '../pages';
import { readForm } from '../read-form';

type Context = { params: Promise<{ tenant: string }> };

/** Malformed messages answer 400 or 413; other refusals 403. */
const BROKEN: Partial<Record<Reason, 400 | 413>> = {
  'not-base64': 400,
  'not-text': 400,
  malformed: 400,
  doctype: 400,
  comment: 400,
  entity: 400,
  'control-character': 400,
  'not-a-response': 400,
  'too-large': 413,
  'too-many-tags': 413,
};

const EXCHANGES = '/administration/access/saml/exchanges';

/** The assertion consumer service. It stores the response and redirects to the page that finishes the sign-in. */
export async function POST(request: Request, { params }: Context): Promise<Response> {
  const { tenant: slug } = await params;
  const form = await readForm(request);
  if (form === 'too-large') return refused('too-large');
  if (form === 'no-form') return refused('not-base64');
  const given = { SAMLResponse: form.get('SAMLResponse'), RelayState: form.get('RelayState') };
  const answered = await answer(slug, given, originOf(request.headers));
  if (answered.as === 'unknown') return nobodyThere();
  if (answered.as === 'limited') return tooMany();
  if (answered.as === 'refused') return refused(answered.reason, slug);
  // Redirect to a GET, so that the browser sends its SameSite=Lax cookies again.
  if (answered.as === 'tested') return seeOther(`${EXCHANGES}/${answered.exchangeId}`);
  const response = seeOther(finishPathOf(slug, answered.handle));
  if (answered.binding) response.cookies.set({ ...bindingCookie(answered.binding, '/'), ...questionCookieOptions() });
  return response;
}

const seeOther = (path: string) => {
  const response = NextResponse.redirect(new URL(path, env().APP_URL), 303);
  response.headers.set('cache-control', 'no-store');
  return response;
};

const refused = (reason: Reason, slug?: string): Response =>
  refusalPage({
    status: BROKEN[reason] ?? 403,
    title: 'You are not signed in',
    text: personWords(reason),
    link: { href: slug ? `/sign-in/${slug}` : '/sign-in', label: 'Go to the sign-in page' },
  });
