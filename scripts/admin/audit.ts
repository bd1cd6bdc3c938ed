import { verifyChain } from '@/lib/audit/verify';
import { type Command, command, ofTenant, Refused, TENANT, tenantOf } from './command';

export const auditCommands: Record<string, Command> = {
  verify: command(
    'reads the whole audit log and names the first broken entry',
    TENANT,
    ofTenant,
    async ({ tenant }) => {
      const { id } = await tenantOf(tenant);
      const { entries, head, broken } = await verifyChain(id);
      if (broken) throw new Refused(`The audit log of ${tenant} is broken. ${broken.words}`);
      return { tenant, entries, head };
    },
  ),
};
