import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { z } from 'zod';
import { ConsequencePage } from '@/app/consequence-page';
import { ROLE_NAMES } from '@/lib/actor';
import { requireSession } from '@/lib/auth/current-actor';
import { counted } from '@/lib/counted';
import { findGroup } from '@/lib/scim/groups';
import { findTenant } from '@/lib/tenants/find';
import { leavesNoAdmin, planGroupRoles, type RoleMove } from '@/lib/users/group-roles';
import { countAdmins } from '@/lib/users/last-admin';
import { mapGroupAction } from '../../actions';
import { SCIM_PATH } from '../../scim-path';

export const metadata: Metadata = { title: 'Role of a group' };

/** The dry run: shows what giving the role to the group, or taking it, would do now. */
export default async function GroupPage({ params }: { params: Promise<{ groupId: string }> }) {
  const { tenantId } = await requireSession('tenant_admin');
  const id = z.uuid().safeParse((await params).groupId);
  const group = id.success ? await findGroup(tenantId, id.data) : null;
  if (!group) notFound();
  const to = group.role ? null : 'tenant_admin';
  const [moves, admins, { saml }] = await Promise.all([
    planGroupRoles(tenantId, { groupId: group.id, asIf: to }),
    countAdmins(tenantId),
    findTenant(tenantId),
  ]);
  const role = ROLE_NAMES[group.role ?? 'tenant_admin'];
  return (
    <ConsequencePage
      title={
        to ? `Give “${group.displayName}” the role ${role}?` : `Take the role ${role} from “${group.displayName}”?`
      }
      description={
        to
          ? 'From then on the identity provider decides who is one: members have the role, whoever leaves the group loses it.'
          : 'From then on the role of its members is changed here again.'
      }
      back={{ href: SCIM_PATH, label: 'SCIM Provisioning' }}
      consequences={consequencesOf(moves)}
      refusal={leavesNoAdmin(moves, admins, saml) ? 'last-admin' : null}
      action={mapGroupAction}
      button={to ? 'Give the role' : 'Take the role'}
      variant={to ? 'primary' : 'danger'}
    >
      <input type="hidden" name="groupId" value={group.id} />
      <input type="hidden" name="role" value={to ?? ''} />
    </ConsequencePage>
  );
}

function consequencesOf(moves: RoleMove[]): string[] {
  const gain = moves.filter(({ user, after }) => after === 'tenant_admin' && user.role !== after);
  const lose = moves.filter(({ user, after }) => after !== 'tenant_admin' && user.role !== after);
  const keep = moves.filter(({ user, after }) => user.role === after);
  return [
    said(gain, 'becomes Tenant Admin', 'become Tenant Admin', 'Nobody becomes Tenant Admin now.'),
    said(lose, 'is Tenant Admin no more', 'are Tenant Admin no more', 'Nobody loses the role now.'),
    ...(keep.length > 0
      ? [said(keep, 'keeps the role, managed by the group', 'keep the role, managed by the group', '')]
      : []),
  ];
}

const MOST_NAMES = 20;

function said(moves: RoleMove[], one: string, many: string, nobody: string): string {
  if (moves.length === 0) return nobody;
  const names = moves.slice(0, MOST_NAMES).map(({ user }) => user.email);
  const more = moves.length > MOST_NAMES ? ` and ${moves.length - MOST_NAMES} more` : '';
  return `${counted(moves.length, `person ${one}`, `people ${many}`)}: ${names.join(', ')}${more}.`;
}
