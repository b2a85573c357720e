/** Whole-system tests: real server processes, driven by real initiators. */
package io.sandrift.acceptance;
