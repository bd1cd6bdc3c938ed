import { loadModule, parseSync } from 'libpg-query';
import { ROW_IDS, TENANT_COLUMNS } from './tenant-tables';

/**
 * Finds the tenant that a statement is for, from its text as parsed by Postgres' own parser. Each tenant table in it must be
 * tied to a value by an equality that all rows it returns or writes satisfy (a condition of WHERE or of an inner join, that of
 * an outer join for its optional side, the column of an INSERT), directly or through tables already tied. Unknown syntax ties
 * nothing, so a statement is refused too often rather than let through.
 */
export type Speaks =
  /** It uses no tenant table. */
  | 'of none'
  | { untied: string }
  /** Numbers of the parameters, and literals, that hold the tenant's id. */
  | { params: number[]; literals: string[] };

await loadModule();

// The parser's tree is JSON with some hundred kinds of node; the few that matter here are accessed by name.
// biome-ignore lint/suspicious/noExplicitAny: see above.
type Node = any;

/** An item of a FROM: a tenant table with its tenant column, or a subquery with its tied columns (`outputs`). */
type Source = { alias: string; table?: string; column?: string; isTied: boolean; outputs?: Map<string, Tie> };
/** What a column or value resolves to: a tenant's id, or the id of a row in a tied table. */
type Tie = { tenant: Value | true } | { rowOf: string };
type Value = { param: number } | { literal: string };
type Scope = { sources: Source[]; outer: Scope | null; queries: Map<string, Source['outputs']> };
/** Two expressions that a condition equates, and the sources (`binds`) whose rows must all satisfy it. */
type Equality = { left: Node; right: Node; binds: Source[] };

class Untied extends Error {}

/**
 * Reduces many rows to one row, and a list to one element: what holds for one holds for all, and their number makes no new
 * text. Only parameters and DEFAULT are dropped. `params` are the tenant's parameters in the dropped rows.
 */
export function shapeOf(text: string): { shape: string; params: number[] } {
  const shape = text.replace(/ in \((\$\d+)(?:, \$\d+)+\)/g, ' in ($1)');
  const [head, columns = ''] = /^insert into "\w+" \(([^()]*)\) values /.exec(shape) ?? [];
  const at = columns.split(', ').indexOf('"tenant_id"');
  if (!head || at === -1) return { shape, params: [] };
  const [rows = ''] = ROWS.exec(shape.slice(head.length)) ?? [];
  const [first = '', ...more] = rows.split('), ');
  const params = more.map((row) => Number(/^\(?\$(\d+)\)?$/.exec(row.split(', ')[at] ?? '')?.[1]));
  if (more.length === 0 || params.some(Number.isNaN)) return { shape, params: [] };
  return { shape: `${head}${first})${shape.slice(head.length + rows.length)}`, params };
}

const ROW = '\\((?:\\$\\d+|default)(?:, (?:\\$\\d+|default))*\\)';
const ROWS = new RegExp(`^${ROW}(?:, ${ROW})*(?=$| on conflict | returning )`);

export function speaksOf(text: string): Speaks {
  const reading = new Reading();
  try {
    for (const { stmt } of parseSync(text).stmts ?? []) reading.statement(stmt);
  } catch (error) {
    if (error instanceof Untied) return { untied: error.message };
    throw error;
  }
  return reading.found();
}

class Reading {
  private readonly params = new Set<number>();
  private readonly literals = new Set<string>();
  private readonly seen = new Set<Node>();
  private tables = 0;

  found(): Speaks {
    return this.tables === 0 ? 'of none' : { params: [...this.params], literals: [...this.literals] };
  }

  statement(stmt: Node): void {
    const query = stmt.CopyStmt?.query ?? stmt.ExplainStmt?.query ?? stmt.DeclareCursorStmt?.query ?? stmt;
    this.query(query, { sources: [], outer: null, queries: new Map() });
    this.missed(stmt);
    // The body of a DO is a string, which is not parsed.
    if (stmt.DoStmt) throw new Untied('DO');
  }

  /** Refuses a tenant table that was not analysed (in a MERGE, a TRUNCATE, or a kind of node of a later Postgres). */
  private missed(node: Node): void {
    if (node === null || typeof node !== 'object') return;
    for (const [name, inner] of Object.entries<Node>(node)) {
      if (name === 'lockingClause') continue;
      if (typeof inner?.relname === 'string' && !this.seen.has(inner) && TENANT_COLUMNS.has(inner.relname))
        throw new Untied(inner.relname);
      this.missed(inner);
    }
  }

  /** Returns the tied columns of the query's rows. */
  private query(node: Node, outer: Scope): Map<string, Tie> {
    const [kind, stmt] = Object.entries<Node>(node)[0] ?? [];
    if (kind === 'SelectStmt') return this.select(stmt, outer);
    if (kind === 'InsertStmt') return this.insert(stmt, outer);
    if (kind === 'UpdateStmt' || kind === 'DeleteStmt') return this.change(stmt, outer);
    return new Map();
  }

  private within(stmt: Node, outer: Scope): Scope {
    const scope: Scope = { sources: [], outer, queries: new Map(outer.queries) };
    for (const { CommonTableExpr: cte } of stmt.withClause?.ctes ?? []) {
      // Only a recursive query sees itself. In any other, its name still means the table.
      if (stmt.withClause.recursive) scope.queries.set(cte.ctename, new Map());
      const outputs = this.query(cte.ctequery, scope);
      scope.queries.set(cte.ctename, cte.aliascolnames ? new Map() : outputs);
    }
    return scope;
  }

  private select(stmt: Node, outer: Scope): Map<string, Tie> {
    if (!stmt.larg) return this.outputs(stmt.targetList ?? [], this.read(stmt, outer));
    const scope = this.within(stmt, outer);
    for (const arm of [stmt.larg, stmt.rarg]) this.select(arm, scope);
    this.inExpressions([stmt.sortClause, stmt.limitCount, stmt.limitOffset], scope);
    return new Map();
  }

  /** Returns the scope of the query's expressions. */
  private read(stmt: Node, outer: Scope): Scope {
    const scope = this.within(stmt, outer);
    this.settle(stmt.fromClause ?? [], stmt.whereClause, scope);
    const { fromClause: _, whereClause, withClause: __, lockingClause: ___, ...rest } = stmt;
    this.inExpressions([whereClause, rest], scope);
    return scope;
  }

  private change(stmt: Node, outer: Scope): Map<string, Tie> {
    const scope = this.within(stmt, outer);
    if (TENANT_COLUMNS.get(stmt.relation.relname) && this.sets(stmt.targetList, stmt.relation.relname))
      throw new Untied(stmt.relation.relname);
    this.settle([{ RangeVar: stmt.relation }, ...(stmt.fromClause ?? stmt.usingClause ?? [])], stmt.whereClause, scope);
    this.inExpressions([stmt.targetList, stmt.whereClause], scope);
    return this.outputs(stmt.returningClause?.exprs ?? stmt.returningList ?? [], scope);
  }

  private readonly sets = (targets: Node[] | undefined, table: string): boolean =>
    (targets ?? []).some(({ ResTarget }) => ResTarget.name === TENANT_COLUMNS.get(table));

  private insert(stmt: Node, outer: Scope): Map<string, Tie> {
    const scope = this.within(stmt, outer);
    const { relname: table, alias } = stmt.relation;
    const column = TENANT_COLUMNS.get(table);
    const values = stmt.selectStmt?.SelectStmt;
    this.seen.add(stmt.relation);
    if (column === undefined) {
      if (values) this.select(values, scope);
    } else {
      this.tables++;
      const at = (stmt.cols ?? []).findIndex((col: Node) => col.ResTarget.name === column);
      if (at === -1 || !values) throw new Untied(table);
      if (values.valuesLists) for (const row of values.valuesLists) this.mustBeTied(row.List.items[at], scope, table);
      else this.mustBeTied(values.targetList?.[at]?.ResTarget.val, this.read(values, scope), table);
    }
    const target: Source = { alias: alias?.aliasname ?? table, isTied: column !== undefined };
    if (column !== undefined) Object.assign(target, { table, column });
    this.onConflict(stmt.onConflictClause, target, scope);
    const inserted = { ...scope, sources: [target] };
    this.inExpressions([values?.valuesLists, stmt.onConflictClause, stmt.returningClause], inserted);
    return this.outputs(stmt.returningClause?.exprs ?? [], inserted);
  }

  /** The conflicting row may be another tenant's, unless the tenant is part of the unique key or of the WHERE condition. */
  private onConflict(clause: Node, target: Source, scope: Scope): void {
    if (clause?.action !== 'ONCONFLICT_UPDATE' || target.table === undefined) return;
    const unique = (clause.infer?.indexElems ?? []).some(({ IndexElem }: Node) => IndexElem.name === target.column);
    const row: Source = { ...target, isTied: unique };
    const excluded: Source = { ...target, alias: 'excluded' };
    const meets: Scope = { ...scope, sources: [row, excluded] };
    this.tie(
      conjuncts(clause.whereClause).flatMap((each) => equalities(each, [row])),
      meets,
    );
    if (!row.isTied || this.sets(clause.targetList, target.table)) throw new Untied(target.table);
  }

  private mustBeTied(expression: Node, scope: Scope, table: string): void {
    const tie = expression && this.tieOf(expression, scope);
    if (!tie || !('tenant' in tie)) throw new Untied(table);
    this.keep(tie);
  }

  /** Reads the FROM, ties its sources by the conditions, and refuses any tenant table that stays untied. */
  private settle(from: Node[], where: Node, scope: Scope): void {
    const waiting: (() => void)[] = [];
    const found: Equality[] = [];
    for (const item of from) this.from(item, scope, found, waiting);
    const all = [...scope.sources];
    for (const each of conjuncts(where)) found.push(...equalities(each, all));
    this.tie(found, scope);
    for (const read of waiting) {
      read();
      this.tie(found, scope);
    }
    const loose = scope.sources.find(({ table, isTied }) => table !== undefined && !isTied);
    if (loose) throw new Untied(String(loose.table));
  }

  private from(item: Node, scope: Scope, found: Equality[], waiting: (() => void)[]): Source[] {
    if (item.JoinExpr) return this.join(item.JoinExpr, scope, found, waiting);
    if (item.RangeVar) return [this.table(item.RangeVar, scope)];
    const source: Source = { alias: item.RangeSubselect?.alias?.aliasname ?? '', isTied: false, outputs: new Map() };
    const outer = { ...scope, sources: [...scope.sources] };
    scope.sources.push(source);
    waiting.push(() => {
      if (!item.RangeSubselect) return this.inExpressions(item, outer);
      const outputs = this.query(item.RangeSubselect.subquery, item.RangeSubselect.lateral ? outer : blind(scope));
      if (!item.RangeSubselect.alias?.colnames) source.outputs = outputs;
    });
    return [source];
  }

  private table(range: Node, scope: Scope): Source {
    const { relname: table, schemaname, alias } = range;
    const source: Source = { alias: alias?.aliasname ?? table, isTied: false };
    const named = schemaname ? undefined : scope.queries.get(table);
    const column = TENANT_COLUMNS.get(table);
    if (named) source.outputs = alias?.colnames ? new Map() : named;
    else if (column !== undefined) {
      this.tables++;
      // With renamed columns, `tenant_id` may be another column.
      if (alias?.colnames) throw new Untied(table);
      Object.assign(source, { table, column });
    }
    this.seen.add(range);
    scope.sources.push(source);
    return source;
  }

  private join(join: Node, scope: Scope, found: Equality[], waiting: (() => void)[]): Source[] {
    const left = this.from(join.larg, scope, found, waiting);
    const right = this.from(join.rarg, scope, found, waiting);
    const binds =
      { JOIN_INNER: [...left, ...right], JOIN_LEFT: right, JOIN_RIGHT: left }[join.jointype as string] ?? [];
    for (const each of conjuncts(join.quals)) found.push(...equalities(each, binds));
    waiting.push(() => this.inExpressions(join.quals, scope));
    return [...left, ...right];
  }

  /** Follows equalities from what is tied, until nothing more is tied. */
  private tie(found: Equality[], scope: Scope): void {
    for (let more = true; more; ) {
      more = false;
      for (const { left, right, binds } of found) {
        for (const [from, to] of [[left, right] as const, [right, left] as const]) {
          const tie = this.tieOf(from, scope);
          const [source, column] = tie ? this.sourceOf(to, scope) : [];
          if (!tie || !source?.table || !binds.includes(source)) continue;
          if ('tenant' in tie ? column !== source.column : !(column === 'id' && tie.rowOf === source.table)) continue;
          this.keep(tie);
          more ||= !source.isTied;
          source.isTied = true;
        }
      }
    }
  }

  /** Records a value that is equated with a tenant column. It is compared when the statement is sent. */
  private keep(tie: Tie): void {
    if (!('tenant' in tie) || tie.tenant === true) return;
    if ('param' in tie.tenant) this.params.add(tie.tenant.param);
    else this.literals.add(tie.tenant.literal);
  }

  private tieOf(expression: Node, scope: Scope): Tie | null {
    if (expression.TypeCast) return this.tieOf(expression.TypeCast.arg, scope);
    if (expression.ParamRef?.number) return { tenant: { param: expression.ParamRef.number } };
    const literal = expression.A_Const?.sval?.sval;
    if (typeof literal === 'string') return { tenant: { literal } };
    const [source, column] = this.sourceOf(expression, scope);
    if (!source || column === undefined) return null;
    if (source.outputs) return source.outputs.get(column) ?? null;
    if (!source.table || !source.isTied) return null;
    if (column === source.column) return { tenant: true };
    return column === 'id' && ROW_IDS.has(source.table) ? { rowOf: source.table } : null;
  }

  /**
   * Returns a column's source. An unqualified column must have exactly one candidate in its scope; otherwise it has no source.
   */
  private sourceOf(expression: Node, scope: Scope | null): [] | [Source, string] {
    const names: (string | undefined)[] | undefined = expression.ColumnRef?.fields.map((f: Node) => f.String?.sval);
    const column = names?.at(-1);
    const alias = names?.at(-2);
    if (!column) return [];
    for (let at = scope; at; at = at.outer) {
      const only = at.sources.length === 1;
      const named = at.sources.filter((source) =>
        alias
          ? source.alias === alias
          : source.column === column || source.outputs?.has(column) || (only && source.table && column === 'id'),
      );
      if (named.length === 1 && named[0]) return [named[0], column];
      if (named.length > 1 || (!alias && at.sources.length > 0)) return [];
    }
    return [];
  }

  private outputs(targets: Node[], scope: Scope): Map<string, Tie> {
    const outputs = new Map<string, Tie>();
    for (const { ResTarget } of targets) {
      const fields: Node[] | undefined = ResTarget.val?.ColumnRef?.fields;
      if (fields?.at(-1)?.A_Star) this.star(fields.at(-2)?.String.sval, scope, outputs);
      else {
        const name = ResTarget.name ?? fields?.at(-1)?.String?.sval;
        const tie = name && this.tieOf(ResTarget.val, scope);
        if (tie) outputs.set(name, tie);
      }
    }
    return outputs;
  }

  private star(alias: string | undefined, scope: Scope, outputs: Map<string, Tie>): void {
    for (const source of scope.sources.filter((each) => alias === undefined || each.alias === alias)) {
      for (const [name, tie] of source.outputs ?? []) outputs.set(name, tie);
      if (source.table && source.column) outputs.set(source.column, { tenant: true });
    }
  }

  /** Queries inside expressions see the sources around them. */
  private inExpressions(node: Node, scope: Scope): void {
    if (node === null || typeof node !== 'object') return;
    for (const [kind, inner] of Object.entries<Node>(node)) {
      if (kind === 'SelectStmt') this.select(inner, scope);
      else this.inExpressions(inner, scope);
    }
  }
}

/** A subquery in a FROM does not see its neighbours, unless it is LATERAL. */
const blind = (scope: Scope): Scope => ({ ...scope, sources: [], outer: scope.outer });

const conjuncts = (condition: Node): Node[] => {
  if (!condition) return [];
  return condition.BoolExpr?.boolop === 'AND_EXPR' ? condition.BoolExpr.args.flatMap(conjuncts) : [condition];
};

function equalities(condition: Node, binds: Source[]): Equality[] {
  const { kind, name, lexpr, rexpr } = condition.A_Expr ?? {};
  if (kind !== 'AEXPR_OP' || name.at(-1)?.String?.sval !== '=') return [];
  const [left, right] = [lexpr?.RowExpr?.args, rexpr?.RowExpr?.args];
  if (!left || !right) return [{ left: lexpr, right: rexpr, binds }];
  return left.map((each: Node, i: number) => ({ left: each, right: right[i], binds }));
}
