/** Its message is shown to the operator as it is. An empty one means that another process has already printed it. */
export class Refusal extends Error {}
