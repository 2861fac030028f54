export { type PlayHandler, type PlayOptions, playHandler } from './handler.ts'
