export { completeProjectStep } from './complete-step.ts'
export { projectSteps } from './template.ts'
export { projectView, stepViews } from './view.ts'
