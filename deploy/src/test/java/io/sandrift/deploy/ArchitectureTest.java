package io.sandrift.deploy;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The house's arrows: which packages may know which. */
@AnalyzeClasses(packages = "io.sandrift", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

  @ArchTest
  static final ArchRule packagesHaveNoCycles =
      slices().matching("io.sandrift.(**)").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule theLoadMonitorKnowsNothingOfVolumesOrServers =
      noClasses()
          .that()
          .resideInAPackage("io.sandrift.load..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.sandrift.volume..",
              "io.sandrift.server..",
              "io.sandrift.iscsi..",
              "io.sandrift.client..",
              "io.sandrift.deploy..");

  @ArchTest
  static final ArchRule theVolumeManagerKnowsNothingOfServersOrTheWire =
      noClasses()
          .that()
          .resideInAPackage("io.sandrift.volume..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.sandrift.server..",
              "io.sandrift.iscsi..",
              "io.sandrift.client..",
              "io.sandrift.deploy..");

  @ArchTest
  static final ArchRule theWireProtocolKnowsOnlyItself =
      noClasses()
          .that()
          .resideInAPackage("io.sandrift.iscsi..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.sandrift.client..",
              "io.sandrift.server..",
              "io.sandrift.volume..",
              "io.sandrift.load..",
              "io.sandrift.deploy..");

  @ArchTest
  static final ArchRule theInitiatorKnowsNothingOfTheServersSide =
      noClasses()
          .that()
          .resideInAPackage("io.sandrift.client..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.sandrift.server..",
              "io.sandrift.volume..",
              "io.sandrift.load..",
              "io.sandrift.deploy..");

  @ArchTest
  static final ArchRule scsiKnowsNeitherSessionsNorFiles =
      noClasses()
          .that()
          .resideInAPackage("io.sandrift.server.scsi..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.sandrift.iscsi..",
              "io.sandrift.server.target..",
              "io.sandrift.server.login..",
              "io.sandrift.server.session..",
              "io.sandrift.server.store..",
              "io.sandrift.server.admin..",
              "io.sandrift.server.unit..",
              "io.sandrift.server.peer..",
              "org.apache.curator..",
              "io.sandrift.server.node..");

  @ArchTest
  static final ArchRule theStoreKnowsOnlyBlocks =
      noClasses()
          .that()
          .resideInAPackage("io.sandrift.server.store..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.sandrift.iscsi..",
              "io.sandrift.server.scsi..",
              "io.sandrift.server.target..",
              "io.sandrift.server.session..",
              "io.sandrift.server.admin..",
              "io.sandrift.server.node..",
              "org.apache.curator..");

  @ArchTest
  static final ArchRule nothingButTheCommandsStartsNodes =
      noClasses()
          .that()
          .resideOutsideOfPackages("io.sandrift.server.node..", "io.sandrift.deploy..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.sandrift.server.node..");

  @ArchTest
  static final ArchRule noPackageIsALumberRoom =
      noClasses().should().resideInAnyPackage("..util..", "..common..", "..helper..", "..impl..");

  @ArchTest
  static final ArchRule namesSayWhatAClassIs =
      noClasses()
          .should()
          .haveSimpleNameEndingWith("Manager")
          .orShould()
          .haveSimpleNameEndingWith("Helper")
          .orShould()
          .haveSimpleNameEndingWith("Utils");
}
