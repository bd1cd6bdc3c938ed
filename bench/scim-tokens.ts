import { randomBytes } from 'node:crypto';
import { createToken } from '@/lib/scim/tokens';

/** Several tokens used in turn, since each is rate-limited. */
export async function newScimTokens(tenantId: string, count = 8): Promise<() => string> {
  const actor = { kind: 'cli', tenantId, id: null, label: 'bench', origin: { ip: null, userAgent: null } } as const;
  const tokens = await Promise.all(
    Array.from({ length: count }, async () => {
      const made = await createToken(actor, { name: `bench ${randomBytes(6).toString('hex')}`, days: 1 });
      if (!made.ok) throw new Error(made.refusal);
      return made.value.token;
    }),
  );
  let n = 0;
  return () => tokens[n++ % tokens.length] ?? '';
}
