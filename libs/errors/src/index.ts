export {
  AppError,
  permanent,
  temporary,
  toAppError,
  type AppErrorOptions,
  type LogLevel,
} from './app-error.js';
export { connectionWords } from './connection-words.js';
