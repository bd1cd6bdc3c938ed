import { originOf } from '@/lib/actor';
import { refusalPage } from '@/lib/auth/refusal-page';
import { signOutByProvider } from '@/lib/saml/sign-out';
import { nobodyThere, postForm, tooMany } from '../pages';
import { readForm } from '../read-form';

type Context = { params: Promise<{ tenant: string }> };

/** Single logout initiated by the identity provider. */
export async function POST(request: Request, { params }: Context): Promise<Response> {
  const { tenant: slug } = await params;
  const form = await readForm(request);
  if (typeof form === 'string') return said(form === 'too-large' ? 413 : 400, 'This is no sign-out.');
  const given = { SAMLRequest: form.get('SAMLRequest'), RelayState: form.get('RelayState') };
  const outcome = await signOutByProvider(slug, given, originOf(request.headers));
  if (outcome.as === 'unknown') return nobodyThere();
  if (outcome.as === 'limited') return tooMany();
  if (outcome.as === 'refused') return said(403, 'The sign-out of your identity provider was not accepted.');
  return outcome.reply ? postForm(outcome.reply.post, outcome.reply.fields) : said(200, 'You are signed out.');
}

const said = (status: 200 | 400 | 403 | 413, text: string): Response =>
  refusalPage({ status, title: 'Sign-out', text, link: { href: '/sign-in', label: 'Go to the sign-in page' } });
