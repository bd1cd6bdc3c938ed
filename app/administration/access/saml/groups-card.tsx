import { ButtonLink } from '@/components/ui/button';
import { Card, CardHeader, DefinitionList } from '@/components/ui/card';
import type { Mapping } from '@/lib/saml/groups';
import { SAML_PATH } from './saml-path';

export function GroupsCard({ mapping }: { mapping: Mapping }) {
  return (
    <Card>
      <CardHeader
        title="Group mapping"
        description="The provider’s groups say who is a Tenant Admin. Roles are then changed there, not here."
        actions={<ButtonLink href={`${SAML_PATH}/groups`}>{mapping ? 'Change' : 'Set up'}</ButtonLink>}
      />
      {mapping && (
        <DefinitionList
          items={[
            { term: 'Attribute', value: <code>{mapping.groupAttribute}</code> },
            {
              term: 'Tenant Admins',
              value: mapping.adminGroups.join(', ') || 'No group: everybody becomes a Standard User',
            },
          ]}
        />
      )}
    </Card>
  );
}
