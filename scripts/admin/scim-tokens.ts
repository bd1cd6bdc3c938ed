import { createToken, listTokens, revokeToken, standingOf } from '@/lib/scim/tokens';
import { tokenNameField } from '@/lib/users/fields';
import { type Command, command, ofTenant, operator, TENANT, tenantOf, text, unwrap } from './command';

const NAME = { name: { value: 'NAME', help: 'its name, such as that of the identity provider' } };
const named = ofTenant.extend({ name: text.pipe(tokenNameField) });

const days = text
  .regex(/^\d{1,5}d$/, 'is a number of days, such as 90d')
  .transform((word) => Number(word.slice(0, -1)))
  .optional();

export const scimTokenCommands: Record<string, Command> = {
  create: command(
    'makes a token for an identity provider, and prints it this once',
    { ...TENANT, ...NAME, expires: { value: 'DAYS', help: 'such as 90d; never unless said' } },
    named.extend({ expires: days }),
    async ({ tenant, name, expires }) => {
      const { id } = await tenantOf(tenant);
      const { auditId: _, ...made } = unwrap(await createToken(operator(id), { name, days: expires ?? null }));
      return made;
    },
  ),
  list: command('lists the tokens, dead ones too', TENANT, ofTenant, async ({ tenant }) => {
    const { id } = await tenantOf(tenant);
    const now = new Date();
    return (await listTokens(id)).map(({ tokenHash: _hash, tenantId: _tenant, ...token }) => ({
      ...token,
      standing: standingOf({ ...token, tokenHash: _hash, tenantId: _tenant }, now),
    }));
  }),
  revoke: command('ends a token at once', { ...TENANT, ...NAME }, named, async ({ tenant, name }) => {
    const { id } = await tenantOf(tenant);
    const { auditId: _, ...revoked } = unwrap(await revokeToken(operator(id), { name }));
    return revoked;
  }),
};
