import { handleScim } from '@/lib/scim/door';

export { handleScim as DELETE, handleScim as GET, handleScim as PATCH, handleScim as POST, handleScim as PUT };
