/**
 * Several server instances on one machine, and the control process of that node: instances send it
 * service messages, and it works out each one's rating and the node's load.
 *
 * <p>The messages' reporter runs in each server, on {@code node-report}; the listener and the
 * publisher run in {@code sandrift monitor}. {@link io.sandrift.load.service.NodeDirectory} tells,
 * anywhere in the cluster, which servers share a node. Imports the other packages of this module
 * but {@code monitor}.
 */
@NullMarked
package io.sandrift.load.service;

import org.jspecify.annotations.NullMarked;
