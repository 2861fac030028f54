export { askEndpoint } from './connection.ts'
export { createFrameHandlers, type FrameHandlers } from './frames.ts'
export { createStream, STREAM_TIMES, type Stream, type StreamState, type StreamTimes } from './supervisor.ts'
