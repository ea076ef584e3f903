export { startRemoteEngine, type TestRemote, withRemoteEngine } from "./remote-engine";
