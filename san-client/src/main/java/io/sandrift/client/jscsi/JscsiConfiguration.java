package io.sandrift.client.jscsi;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.jscsi.exception.ConfigurationException;
import org.jscsi.initiator.Configuration;
import org.jscsi.initiator.Initiator;

/**
 * The settings with which jSCSI is sound. It reads them from a file, so that one is written for it
 * and deleted again.
 *
 * <p>InitialR2T=Yes, as it corrupts data without; no digests, as it doesn't check them; one
 * connection and error recovery level 0, as it has no more; burst lengths that are multiples of
 * MaxRecvDataSegmentLength, as it miscounts others.
 */
final class JscsiConfiguration {

  static final String TARGET_ID = "target";

  private static final int SEGMENT_BYTES = 8192;
  private static final int BURST_BYTES = 32 * SEGMENT_BYTES;

  private JscsiConfiguration() {}

  static Configuration create(String host, int port, String targetName, String initiatorName)
      throws IOException {
    Path schema = Files.createTempFile("jscsi", ".xsd");
    Path file = Files.createTempFile("jscsi", ".xml");
    try (InputStream packaged = Initiator.class.getResourceAsStream("/jscsi.xsd")) {
      if (packaged == null) {
        throw new IOException("jSCSI's schema jscsi.xsd is not where its library should have it");
      }
      Files.copy(packaged, schema, StandardCopyOption.REPLACE_EXISTING);
      Files.writeString(file, text(host, port, targetName, initiatorName));
      return Configuration.create(schema.toFile(), file.toFile());
    } catch (ConfigurationException e) {
      throw new IOException("jSCSI does not take its configuration: " + e.getMessage(), e);
    } finally {
      Files.deleteIfExists(schema);
      Files.deleteIfExists(file);
    }
  }

  private static String text(String host, int port, String targetName, String initiatorName) {
    StringBuilder xml = new StringBuilder();
    xml.append("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    xml.append("<configuration xmlns=\"http://www.jscsi.org/2006-09\">\n <global>\n");
    element(xml, "AuthMethod", "None");
    element(xml, "DataDigest", "None");
    element(xml, "DataPDUInOrder", "Yes");
    element(xml, "DataSequenceInOrder", "Yes");
    element(xml, "DefaultTime2Retain", "0");
    element(xml, "DefaultTime2Wait", "0");
    element(xml, "ErrorRecoveryLevel", "0");
    element(xml, "FirstBurstLength", Integer.toString(BURST_BYTES));
    element(xml, "HeaderDigest", "None");
    element(xml, "IFMarker", "No");
    element(xml, "IFMarkInt", "2048");
    element(xml, "ImmediateData", "No");
    element(xml, "InitialR2T", "Yes");
    element(xml, "InitiatorAlias", "sandrift");
    element(xml, "InitiatorName", initiatorName);
    element(xml, "MaxBurstLength", Integer.toString(BURST_BYTES));
    element(xml, "MaxConnections", "1");
    element(xml, "MaxOutstandingR2T", "1");
    element(xml, "MaxRecvDataSegmentLength", Integer.toString(SEGMENT_BYTES));
    element(xml, "OFMarker", "No");
    element(xml, "OFMarkInt", "2048");
    element(xml, "SessionType", "Normal");
    xml.append(" </global>\n <target id=\"")
        .append(TARGET_ID)
        .append("\" address=\"")
        .append(escaped(host));
    xml.append("\" port=\"").append(port).append("\">\n");
    element(xml, "ImmediateData", "No");
    element(xml, "InitiatorName", initiatorName);
    element(xml, "TargetName", targetName);
    return xml.append(" </target>\n</configuration>\n").toString();
  }

  private static void element(StringBuilder xml, String name, String value) {
    xml.append("  <")
        .append(name)
        .append('>')
        .append(escaped(value))
        .append("</")
        .append(name)
        .append(">\n");
  }

  private static String escaped(String value) {
    return value.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
  }
}
