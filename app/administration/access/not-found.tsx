import { ButtonLink } from '@/components/ui/button';
import { PageHeader } from '@/components/ui/page-header';
import { USERS_PATH } from './users/view';

/** Rendered beside the navigation, so that people who follow a dead link can continue from here. */
export default function NotFound() {
  return (
    <>
      <PageHeader title="Page not found" description="There is nothing at this address, or not any more." />
      <ButtonLink href={USERS_PATH}>Go to the users</ButtonLink>
    </>
  );
}
