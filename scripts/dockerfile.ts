import { type Copy, DockerfileParser, type From, type Instruction, type PropertyInstruction } from 'dockerfile-ast';

/** A Dockerfile as stages and their steps. */
export type Step =
  | { does: 'COPY'; from: string | null; sources: string[]; to: string }
  | { does: 'RUN'; command: string }
  | { does: 'ENV'; variables: Record<string, string> }
  | Words<'CMD'>
  | Words<'HEALTHCHECK'>
  | Value<'USER'>
  | Value<'WORKDIR'>
  | Value<'EXPOSE'>
  | Value<'VOLUME'>;
type Words<D> = { does: D; words: string[] };
type Value<D> = { does: D; value: string };
export type Stage = { name: string; base: string; steps: Step[] };

export function readDockerfile(text: string): Stage[] {
  const stages: Stage[] = [];
  for (const instruction of DockerfileParser.parse(text).getInstructions()) {
    if (instruction.getKeyword() === 'FROM') {
      const from = instruction as From;
      stages.push({ name: from.getBuildStage() ?? '', base: from.getImage() ?? '', steps: [] });
    } else stages.at(-1)?.steps.push(stepOf(instruction));
  }
  return stages;
}

function stepOf(instruction: Instruction): Step {
  const does = instruction.getKeyword();
  const words = instruction.getArguments().map((argument) => argument.getValue());
  if (does === 'COPY') {
    const from = (instruction as Copy).getFromFlag()?.getValue() ?? null;
    return { does, from, sources: words.slice(0, -1), to: words.at(-1) ?? '' };
  }
  if (does === 'RUN') return { does, command: instruction.getArgumentsContent()?.replace(/\\\n/g, '') ?? '' };
  if (does === 'ENV') {
    const properties = (instruction as PropertyInstruction).getProperties();
    return { does, variables: Object.fromEntries(properties.map((each) => [each.getName(), each.getValue() ?? ''])) };
  }
  if (does === 'CMD' || does === 'HEALTHCHECK') {
    // In exec form: a list after the flags.
    const [list = 'null'] = /\[.*\]/s.exec(instruction.getArgumentsContent() ?? '') ?? [];
    return { does, words: JSON.parse(list.replace(/\\\n/g, '')) };
  }
  if (does === 'USER' || does === 'WORKDIR' || does === 'EXPOSE' || does === 'VOLUME')
    return { does, value: words.join(' ') };
  throw new Error(`${does} is an instruction that this reader does not know.`);
}
