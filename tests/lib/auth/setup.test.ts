import { expect, test } from 'vitest';
import { db } from '@/db/client';
import { tenants } from '@/db/schema/tenants';
import { isSetupOpen, issueSetupLink, setUp } from '@/lib/auth/setup';
import { findSession } from '@/lib/sessions/find';
import { FROM_TEST } from '../../support/cast';
import { race } from '../../support/race';

const input = {
  tenantName: 'Ünited & Söns',
  email: 'Ada@x.example',
  firstName: 'Ada',
  lastName: 'L',
  password: 'violet tractor ninety-one',
};

test('the set-up link makes one tenant and its admin, once, and then every such link is dead', async () => {
  const links = [await issueSetupLink(), await issueSetupLink()];
  const tokens = links.map((link) => new URL(String(link)).searchParams.get('token') ?? '');
  expect(await isSetupOpen('unknown')).toBe(false);
  expect(await isSetupOpen(String(tokens[0]), new Date(Date.now() + 8 * 86_400_000))).toBe(false);
  expect(await setUp({ ...input, token: String(tokens[0]), password: 'short' }, FROM_TEST)).toEqual({
    ok: false,
    refusal: 'password-short',
  });

  const outcomes = await race([...tokens, ...tokens].map((token) => () => setUp({ ...input, token }, FROM_TEST)));
  const won = outcomes.filter((outcome) => outcome.ok);
  expect(won).toHaveLength(1);
  expect(outcomes.filter((outcome) => !outcome.ok && outcome.refusal === 'link-dead')).toHaveLength(3);
  expect(await db.select().from(tenants)).toMatchObject([{ name: 'Ünited & Söns', slug: 'united-sons' }]);
  expect(won[0]?.ok && (await findSession(won[0].value.session.token))).toMatchObject({
    role: 'tenant_admin',
    email: 'Ada@x.example',
  });
  for (const token of tokens) expect(await isSetupOpen(token)).toBe(false);
  expect(await issueSetupLink()).toBeNull();
});
