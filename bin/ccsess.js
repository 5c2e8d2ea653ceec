#!/usr/bin/env node
require('./program.js').compile().run();
