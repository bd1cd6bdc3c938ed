/** Nobody is shown it: who is not signed in is led to the sign-in. See `forbidden.tsx` for why it is here. */
export default function Unauthorized() {
  return null;
}
