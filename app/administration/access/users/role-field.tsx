import { RadioGroupField } from '@/components/form/field';
import { ROLE_NAMES, type Role } from '@/lib/actor';

type Props = {
  value: Role;
  legend?: string;
  /** Where it is confirmed who asks, without which nobody is made an admin. */
  confirm?: string | null;
};

/** What choosing a role grants, said where it is chosen. */
export function RoleField({ value, legend = 'Role', confirm = null }: Props) {
  return (
    <RadioGroupField
      name="role"
      legend={legend}
      defaultValue={value}
      options={[
        {
          value: 'standard_user',
          label: ROLE_NAMES.standard_user,
          hint: 'Uses the product and sees their own profile and sessions.',
        },
        {
          value: 'tenant_admin',
          label: ROLE_NAMES.tenant_admin,
          hint: (
            <>
              Also sees and changes everybody here: invites, changes roles, signs out, deactivates and removes people,
              admins included.
              {confirm && (
                <>
                  {' '}
                  <a className="link" href={confirm}>
                    Confirm that it is you
                  </a>{' '}
                  to invite one.
                </>
              )}
            </>
          ),
          disabled: confirm !== null,
        },
      ]}
    />
  );
}
