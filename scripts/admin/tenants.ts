import { z } from 'zod';
import { db } from '@/db/client';
import { tenants } from '@/db/schema/tenants';
import { acrossTenants } from '@/db/tenant-wall';
import { createTenant, SLUG } from '@/lib/tenants/create';
import { tenantNameField } from '@/lib/users/fields';
import { type Command, command, operator, text, unwrap } from './command';

const newTenant = z.object({
  slug: text.regex(SLUG, 'has 1 to 63 small letters, digits and hyphens, and begins and ends with no hyphen'),
  name: text.pipe(tenantNameField),
});

export const tenantCommands: Record<string, Command> = {
  create: command(
    'makes a tenant, without people yet',
    {
      slug: { value: 'SLUG', help: 'its short name, as in addresses' },
      name: { value: 'NAME', help: 'as people read it' },
    },
    newTenant,
    async (input) => {
      const { tenant } = unwrap(await createTenant(input, operator));
      return { id: tenant.id, slug: tenant.slug, name: tenant.name };
    },
  ),
  list: command('lists all tenants', {}, z.object({}), () =>
    acrossTenants(() =>
      db
        .select({ id: tenants.id, slug: tenants.slug, name: tenants.name, createdAt: tenants.createdAt })
        .from(tenants)
        .orderBy(tenants.slug),
    ),
  ),
};
