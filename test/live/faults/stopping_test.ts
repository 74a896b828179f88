/** A stream can be stopped in every state, at once. */

import { testStops } from "./stops.ts";

testStops();
