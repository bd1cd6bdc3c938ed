import type { User } from '@/db/schema/users';

/**
 * Where a tenant requires SAML, a password or a passkey opens nothing but a break-glass admin's account. Asked after the
 * password or the link is proven, never before: the answer would tell that there is an account.
 */
export const mayUsePassword = (
  user: Pick<User, 'role' | 'breakGlass'>,
  saml: 'off' | 'enabled' | 'required',
): boolean => saml !== 'required' || (user.breakGlass && user.role === 'tenant_admin');
