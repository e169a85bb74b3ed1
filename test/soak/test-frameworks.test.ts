import { keepsItsPromises } from '../test-frameworks/promises.ts'
import {
  ava,
  jasmine,
  jest,
  mocha,
  nodeTest,
  oldest,
  specimen,
  tap,
  tape,
  vitest,
} from '../test-frameworks/specimens.ts'

// The old majors of test/test-frameworks/contract.test.ts, the versions between, and older ones on the node of their day.
const specimens = [
  ...oldest,
  specimen(mocha, '5', 10),
  specimen(mocha, '7', 10),
  specimen(mocha, '8'),
  specimen(mocha, '10'),
  specimen(tape, '4', 10),
  specimen(ava, '4', 18),
  specimen(ava, '5'),
  specimen(jest, '24', 12),
  specimen(jest, '27'),
  specimen(jest, '28'),
  specimen(jest, '29'),
  specimen(vitest, '0.34', 18),
  specimen(vitest, '2'),
  specimen(vitest, '3'),
  specimen(jasmine, '4'),
  specimen(tap, '14', 14),
  specimen(tap, '16'),
  specimen(tap, '18'),
  specimen(nodeTest, '20', 20),
  specimen(nodeTest, '22', 22),
]

for (const one of specimens) keepsItsPromises(one)
