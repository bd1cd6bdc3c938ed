import { findConnection } from '@/lib/saml/connection';
import { spMetadata } from '@/lib/saml/sp-metadata';
import { findTenantBySlug } from '@/lib/tenants/find';
import { nobodyThere } from '../pages';

type Context = { params: Promise<{ tenant: string }> };

/** Our metadata for the identity provider. It needs no connection yet, so that either side can be set up first. */
export async function GET(_request: Request, { params }: Context): Promise<Response> {
  const { tenant: slug } = await params;
  const tenant = await findTenantBySlug(slug);
  if (!tenant) return nobodyThere();
  return new Response(await spMetadata(tenant, await findConnection(tenant.id)), {
    headers: {
      'content-type': 'application/samlmetadata+xml; charset=utf-8',
      'content-disposition': `inline; filename="rollcall-${slug}.xml"`,
      'cache-control': 'no-cache',
    },
  });
}
