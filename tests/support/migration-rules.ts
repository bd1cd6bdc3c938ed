import { loadModule, parseSync } from 'libpg-query';

/**
 * What is wrong with a migration, by the rules of docs/migrations.md, each as a sentence. Read by Postgres' own parser. What
 * is not known to be harmless is refused.
 */
await loadModule();

// The parser's tree is JSON of some hundred kinds of node.
// biome-ignore lint/suspicious/noExplicitAny: see above.
type Node = any;

const OUTSIDE = /^-- outside a transaction\b/m;
/** The number of the migration since which nothing uses what is taken away. */
const CONTRACT = /^-- contract: unused since (\d{4})$/m;
/** Of a few rows: they may be changed in a migration. */
const SMALL = new Set(['saml_keys', 'setup_links', 'lasting_keys']);
/** New with no row's value to be computed: evaluated once, kept in the catalogue. */
const ONCE = new Set(['now', 'current_timestamp', 'transaction_timestamp']);

const HARMLESS = new Set([
  'CommentStmt',
  'CreateEnumStmt',
  'CreateFunctionStmt',
  'CreateSeqStmt',
  'CreateStatsStmt',
  'CreateTrigStmt',
  'VariableSetStmt',
]);
const HARMLESS_CHANGES = new Set([
  'AT_ColumnDefault',
  'AT_DropNotNull',
  'AT_SetStatistics',
  'AT_SetStorage',
  'AT_SetRelOptions',
  'AT_ValidateConstraint',
]);

export function problemsOf(text: string, number: number): string[] {
  const statements: Node[] = (parseSync(text).stmts ?? []).map(({ stmt }: Node) => stmt);
  const created = new Set<string>(statements.flatMap(({ CreateStmt }) => CreateStmt?.relation.relname ?? []));
  const contract = CONTRACT.exec(text)?.[1];
  const mayTakeAway = contract !== undefined && Number(contract) < number;
  const isOutside = OUTSIDE.test(text);
  const problems: string[] = [];
  const dropped = new Set<string>();
  const unvalidated = new Set<string>();

  const takesAway = (what: string) => {
    if (!mayTakeAway)
      problems.push(
        `${what} is taken away, which the version before still uses: say “-- contract: unused since NNNN”.`,
      );
  };

  const column = (table: string, { ColumnDef: { colname, typeName, constraints = [] } }: Node) => {
    if (/serial\d?$/.test(typeName.names.at(-1).String.sval))
      problems.push(`${table}.${colname} is computed for every row, which rewrites the table.`);
    const kinds = constraints.map(({ Constraint }: Node) => Constraint.contype);
    const standard = constraints.find(({ Constraint }: Node) => Constraint.contype === 'CONSTR_DEFAULT')?.Constraint;
    if (kinds.includes('CONSTR_GENERATED') || kinds.includes('CONSTR_IDENTITY'))
      problems.push(`${table}.${colname} is computed for every row, which rewrites the table.`);
    if (standard && !isConstant(standard.raw_expr))
      problems.push(`The default of ${table}.${colname} is computed for every row, which rewrites the table.`);
    if (kinds.includes('CONSTR_NOTNULL') && !standard)
      problems.push(`${table}.${colname} has neither NULL nor a default: the version before does not fill it.`);
    for (const kind of ['CONSTR_UNIQUE', 'CONSTR_PRIMARY', 'CONSTR_CHECK', 'CONSTR_FOREIGN'])
      if (kinds.includes(kind)) problems.push(`${table}.${colname} brings a constraint with it: add it by itself.`);
  };

  const constraint = (table: string, { Constraint: given }: Node) => {
    const { contype, conname, skip_validation, indexname } = given;
    if (contype === 'CONSTR_CHECK' || contype === 'CONSTR_FOREIGN' || contype === 'CONSTR_NOTNULL') {
      if (skip_validation) unvalidated.add(conname);
      else problems.push(`The constraint ${conname} of ${table} reads every row under a lock: add it NOT VALID.`);
    } else if (!indexname)
      problems.push(
        `The constraint ${conname} of ${table} builds an index under a lock: build it before, USING INDEX.`,
      );
  };

  const change = (table: string, { AlterTableCmd: { subtype, name, def } }: Node) => {
    if (subtype === 'AT_AddColumn') return column(table, def);
    if (subtype === 'AT_AddConstraint') return constraint(table, def);
    if (subtype === 'AT_DropColumn') return takesAway(`${table}.${name}`);
    if (subtype === 'AT_DropConstraint') return;
    if (subtype === 'AT_ValidateConstraint' && unvalidated.has(name))
      return problems.push(
        `${name} is added and validated in one migration, so under one lock: validate it in the next.`,
      );
    if (subtype === 'AT_SetNotNull')
      return problems.push(
        `${table}.${name} is read whole under a lock: add a NOT NULL constraint, NOT VALID, and validate it.`,
      );
    if (subtype === 'AT_AlterColumnType')
      return problems.push(`The type of ${table}.${name} changes, which rewrites the table: add a column beside it.`);
    if (!HARMLESS_CHANGES.has(subtype))
      problems.push(`ALTER TABLE ${table} … ${subtype} is not among what is known to be harmless.`);
  };

  const index = ({ idxname, relation, concurrent, if_not_exists }: Node) => {
    if (created.has(relation.relname)) return;
    if (!concurrent)
      problems.push(`The index ${idxname} keeps writers from ${relation.relname}: build it CONCURRENTLY.`);
    // What a broken-off build leaves behind would be taken for the index.
    else if (if_not_exists || !dropped.has(idxname))
      problems.push(
        `Before ${idxname} is built, a broken one is dropped: DROP INDEX CONCURRENTLY IF EXISTS ${idxname}.`,
      );
  };

  const drop = ({ removeType, objects = [], concurrent, missing_ok }: Node) => {
    const names: string[] = objects.map(
      (each: Node) =>
        (each.List?.items ?? each.TypeName?.names ?? each.ObjectWithArgs?.objname ?? []).at(-1)?.String.sval,
    );
    if (removeType !== 'OBJECT_INDEX') return takesAway(names.join(', '));
    if (!concurrent) problems.push(`${names} is dropped under a lock: drop it CONCURRENTLY.`);
    for (const name of names) if (missing_ok) dropped.add(name);
  };

  for (const statement of statements) {
    const [kind = '', node] = Object.entries<Node>(statement)[0] ?? [];
    const needsOutside = kind === 'IndexStmt' || kind === 'DropStmt' ? node.concurrent : false;
    if (needsOutside && !isOutside)
      problems.push('CONCURRENTLY needs a file of its own that begins with “-- outside a transaction”.');
    if (isOutside && !needsOutside)
      problems.push('Outside a transaction there is nothing but indexes, built or dropped.');
    if (kind === 'CreateStmt' || HARMLESS.has(kind)) continue;
    if (kind === 'IndexStmt') index(node);
    else if (kind === 'DropStmt') drop(node);
    else if (kind === 'RenameStmt') takesAway(node.subname ?? node.relation?.relname ?? 'A name');
    else if (kind === 'AlterTableStmt' && created.has(node.relation.relname)) continue;
    else if (kind === 'AlterTableStmt') for (const each of node.cmds) change(node.relation.relname, each);
    else if (kind === 'AlterEnumStmt' && !node.oldVal) continue;
    else if (kind === 'InsertStmt' && (created.has(node.relation.relname) || SMALL.has(node.relation.relname)))
      continue;
    else if (kind === 'UpdateStmt' || kind === 'DeleteStmt') {
      if (!SMALL.has(node.relation.relname))
        problems.push(
          `Rows of ${node.relation.relname} are changed in one transaction: do it in batches, by the product.`,
        );
    } else problems.push(`${kind} is not among what is known to be harmless.`);
  }
  return problems;
}

function isConstant(expression: Node): boolean {
  if (expression.A_Const) return true;
  if (expression.TypeCast) return isConstant(expression.TypeCast.arg);
  if (expression.A_ArrayExpr) return (expression.A_ArrayExpr.elements ?? []).every(isConstant);
  if (expression.SQLValueFunction) return true;
  return ONCE.has(expression.FuncCall?.funcname.at(-1)?.String.sval);
}
