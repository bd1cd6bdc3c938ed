import { startWork } from '@/lib/jobs/work';

/** A process that carries jobs out until it is killed: for the tests of what a crash leaves. */
startWork(console.error);
