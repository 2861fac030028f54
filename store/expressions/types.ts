import type { Doc } from '../bson/index.ts'

/** Variables by name without `$$`. */
export type Variables = Readonly<Record<string, unknown>>

/** A compiled expression. */
export type Evaluate = (doc: unknown, variables: Variables) => unknown

/** Compiles an operand of an operator. */
export type Compile = (expression: unknown) => Evaluate

/** One expression operator: its operand compiled once, then evaluated per document. */
export type ExpressionOperator = (operand: unknown, compile: Compile, name: string) => Evaluate

/** Operators by name. */
export type Operators = Readonly<Record<string, ExpressionOperator>>

/** An operator whose operands are all plain values: evaluated first, then handed over. */
export const onValues =
  (work: (values: unknown[], name: string) => unknown): ExpressionOperator =>
  (operand, compile, name) => {
    const parts = (Array.isArray(operand) ? operand : [operand]).map(compile)
    return (doc, variables) =>
      work(
        parts.map(part => part(doc, variables)),
        name,
      )
  }

/** An operator on exactly one value, given alone or in a list of one. */
export const onValue =
  (work: (value: unknown, name: string) => unknown): ExpressionOperator =>
  (operand, compile, name) => {
    const part = compile(Array.isArray(operand) && operand.length === 1 ? operand[0] : operand)
    return (doc, variables) => work(part(doc, variables), name)
  }

/** Fields of an operand given as a document. */
export type Fields = Doc
