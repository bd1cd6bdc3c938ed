import { RadioGroupField } from '@/components/form/field';
import { ROLE_NAMES, type Role } from '@/lib/actor';

type Props = {
  value: Role;
  legend?: string;
  /** The path of the confirmation page, if a fresh proof of identity is needed before an admin can be made. */
  confirm?: string | null;
};

/** Each option explains what the role grants. */
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
