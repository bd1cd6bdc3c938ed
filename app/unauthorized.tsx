/** Never shown, since visitors without a session are redirected to the sign-in. `forbidden.tsx` explains why it exists. */
export default function Unauthorized() {
  return null;
}
